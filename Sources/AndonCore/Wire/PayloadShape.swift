/// What the value of a payload's field may be, as far as a reader must know it. The interface documents make
/// their schemas from it. The first text of each case is the help: a sentence about the value.
package indirect enum PayloadShape: Sendable {
  /// Epoch milliseconds.
  case instant(String)
  /// The instant of the field before as text: RFC 3339, UTC.
  case timestampText
  /// Letters, digits, `_` and `-`; 1 to 64 of them.
  case identifier(String)
  case text(String)
  /// One of these words.
  case words(String, [String])
  case flag(String)
  case integer(String)
  /// An integer from 0 to `most`.
  case count(String, most: Int64?)
  /// One of these integers.
  case codes(String, [Int64])
  /// A decimal from 0 to `most`.
  case number(String, most: Int64?)
  /// A decimal that may be negative.
  case difference(String)
  /// Help is that of the elements. `least` and `most` limit how many there are.
  case array(PayloadShape, least: Int?, most: Int?)
  /// An object whose names are data.
  case map(String, of: PayloadShape)
  case object(String, [Property])
  /// A payload with this name in the interface documents.
  case reference(String)
  /// An integer, or null.
  case integerOrNull(String)
  /// A value, or null.
  case orNull(String, PayloadShape)

  package struct Property: Sendable {
    package let name: String
    package let shape: PayloadShape
    /// It is written always.
    package let isRequired: Bool
  }
}
