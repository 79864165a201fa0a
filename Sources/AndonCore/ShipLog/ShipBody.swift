/// A body of the log: records of one commit, with the names that they use once each.
///
/// A version, the number of names and the names, the number of records and the records. Integers have seven bits a byte,
/// the low ones first; those that may be negative have their sign in the last bit. A time is written as the difference to
/// the time before it. An event begins with a byte whose first bit is set, any other record with its kind.
package struct ShipBody: Sendable, Hashable {
  package static let version: UInt8 = 1
  /// A body that has so many records or bytes is closed, and the next record begins another one.
  package static let fullRows = 8192
  package static let fullBytes = 1 << 20
  /// More than any body has: one record more than a full one.
  package static let mostBytes = 16 << 20

  package var bytes: [UInt8]
  package var rows: Int
  package var kinds: ShipKinds
  /// The least and the greatest time of its records; nil when none has a time.
  package var times: ClosedRange<Int64>?

  init(bytes: [UInt8], rows: Int, kinds: ShipKinds, times: ClosedRange<Int64>?) {
    (self.bytes, self.rows, self.kinds, self.times) = (bytes, rows, kinds, times)
  }

  /// A body without records. The name makes it, and the chain from it on, different from others.
  package static func mark(_ name: String) -> ShipBody {
    var buffer = ShipBodyBuffer()
    buffer.add(name: name)
    return buffer.body
  }

  /// The records, in the order in which they were committed. O(bytes).
  ///
  /// - Throws: for bytes that no writer makes; nothing traps.
  package static func records(_ bytes: [UInt8]) throws(ShipBodyError) -> [ShipRecord] {
    var reader = try ShipBodyReader(bytes)
    var records: [ShipRecord] = []
    let count = try reader.count("number of records")
    records.reserveCapacity(count)
    for _ in 0..<count { records.append(try reader.record()) }
    guard reader.isAtEnd else { throw reader.damaged("end") }
    return records
  }
}
