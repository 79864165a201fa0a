/// The range of a JSON value in the payload, and its kind; nothing is copied.
struct JSONValueRange: Sendable {
  enum Kind: Sendable { case string, number, bool, null, object, array }

  var kind: Kind
  /// For a string, the range between its quotes.
  var range: Range<Int>
  /// The string contains escapes.
  var hasEscapes = false
}
