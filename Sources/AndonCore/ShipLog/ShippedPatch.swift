/// What a commit changed in the small tables: those that are neither events nor computed from them. With it another bridge
/// makes the site's file again.
///
/// The last record of each commit, while the log keeps the state.
package struct ShippedPatch: Sendable, Hashable {
  /// The hash chain of all patches of the file, up to this one: says whether one is missing or is not what was written.
  package var tip: Int64
  /// A patchset of SQLite's session extension; empty when the small tables did not change. Nil: it was left out (it was too
  /// large, or would name an erased worker). Then only a newer base tells the state.
  package var bytes: [UInt8]?

  package init(tip: Int64, bytes: [UInt8]?) { (self.tip, self.bytes) = (tip, bytes) }

  /// The patch that follows one with this tip. O(bytes).
  package init(after tip: Int64, bytes: [UInt8]?) {
    self.init(tip: Self.tip(after: tip, bytes), bytes: bytes)
  }

  package static func tip(after tip: Int64, _ bytes: [UInt8]?) -> Int64 {
    ShipChain.tip(after: tip, bytes.map { [1] + $0 } ?? [0])
  }
}

extension ShippedPatch {
  func append(to writer: inout ShipBodyBuffer) {
    writer.append(tip)
    writer.append(unsigned: bytes == nil ? 0 : 1)
    if let bytes { writer.append(bytes: bytes) }
  }

  init(_ reader: inout ShipBodyReader) throws(ShipBodyError) {
    tip = try reader.integer()
    bytes = try reader.flag() ? try reader.bytes() : nil
  }
}
