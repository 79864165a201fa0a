/// Messages since the start, by outcome. Their sum is the number of messages.
package struct FleetCounters: Sendable, Equatable {
  private var counts: [FleetOutcome: Int64] = [:]

  package init() {}

  package mutating func count(_ outcome: FleetOutcome) { counts[outcome, default: 0] += 1 }

  package subscript(outcome: FleetOutcome) -> Int64 { counts[outcome] ?? 0 }

  package var total: Int64 { counts.values.reduce(0, +) }
}
