/// A set of kinds of records: a bit each, by the kind's number.
package struct ShipKinds: OptionSet, Sendable, Hashable {
  package var rawValue: Int64

  package init(rawValue: Int64) { self.rawValue = rawValue }

  package init(_ kinds: some Sequence<ShipRecord.Kind>) {
    rawValue = kinds.reduce(0) { $0 | 1 << Int64($1.rawValue) }
  }

  /// All that the tables have, too: not patches.
  package static let all = ShipKinds(ShipRecord.Kind.allCases.filter { $0 != .patch })

  package func has(_ kind: ShipRecord.Kind) -> Bool { rawValue & 1 << Int64(kind.rawValue) != 0 }

  package mutating func add(_ kind: ShipRecord.Kind) { rawValue |= 1 << Int64(kind.rawValue) }
}
