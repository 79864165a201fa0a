/// Where a JSON value lies in the payload and what kind it is; nothing of it is copied.
struct JSONValueRange: Sendable {
  enum Kind: Sendable { case string, number, bool, null, object, array }

  var kind: Kind
  /// A string's range lies between its quotes.
  var range: Range<Int>
  /// The string has escapes to be resolved.
  var hasEscapes = false
}
