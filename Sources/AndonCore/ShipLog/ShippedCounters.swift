/// Outcome counters as they are after the commit: setting them twice changes nothing.
package struct ShippedCounters: Sendable, Hashable {
  /// By the place of the counter in `OutcomeCounters.names`: those that changed, or all.
  package var values: [Int: Int64]

  package static let most = 64

  package init(_ values: [Int: Int64]) { self.values = values }
}

extension ShippedCounters {
  func append(to writer: inout ShipBodyBuffer) {
    writer.append(unsigned: values.keys.reduce(0) { $0 | 1 << UInt64($1) })
    for (_, value) in values.sorted(by: { $0.key < $1.key }) { writer.append(value) }
  }

  init(_ reader: inout ShipBodyReader) throws(ShipBodyError) {
    let present = try reader.unsigned()
    values = [:]
    for place in 0..<Self.most where present >> UInt64(place) & 1 == 1 {
      values[place] = try reader.integer()
    }
  }
}
