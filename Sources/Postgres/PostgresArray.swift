/// Builds a one-dimensional array parameter, element by element, in its binary form. O(1) an element and no copy at the
/// end: for columns of thousands of rows.
public struct PostgresArray<Element: PostgresScalar>: Sendable {
  public private(set) var count = 0
  private var hasNulls = false
  /// Lengths and values, after the head.
  private var bytes: [UInt8]
  private static var headLength: Int { 20 }

  public init() { bytes = Array(repeating: 0, count: Self.headLength) }

  public mutating func append(_ element: Element?) {
    count += 1
    guard let element else {
      hasNulls = true
      return Int32(-1).appendBigEndian(to: &bytes)
    }
    let start = bytes.count
    Int32(0).appendBigEndian(to: &bytes)
    element.appendPostgres(to: &bytes)
    var length = UInt32(truncatingIfNeeded: bytes.count - start - 4)
    for index in stride(from: start + 3, through: start, by: -1) {
      bytes[index] = UInt8(truncatingIfNeeded: length)
      length >>= 8
    }
  }

  /// How many bytes are sent.
  public var byteCount: Int { bytes.count }

  public var parameter: PostgresParameter {
    // Dimensions, whether there are NULLs, type of the elements; for the one dimension its length and first index.
    var head: [UInt8] = []
    Int32(count == 0 ? 0 : 1).appendBigEndian(to: &head)
    Int32(hasNulls ? 1 : 0).appendBigEndian(to: &head)
    Element.postgresType.rawValue.appendBigEndian(to: &head)
    var whole = bytes
    if count == 0 {
      whole = head
    } else {
      Int32(truncatingIfNeeded: count).appendBigEndian(to: &head)
      Int32(1).appendBigEndian(to: &head)
      whole.replaceSubrange(0..<Self.headLength, with: head)
    }
    return PostgresParameter(typeNumber: Element.postgresType.arrayNumber, bytes: whole)
  }
}
