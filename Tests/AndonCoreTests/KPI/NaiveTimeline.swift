import AndonCore

/// A worker's totals by asking, for every piece between two breakpoints, what the rules say of its middle.
/// O(n²) and obvious: written from the rules' text, not from the code under test.
struct NaiveTimeline {
  var working: Int64 = 0
  var idle: Int64 = 0
  var absent: Int64 = 0
  var timedOut: Int64 = 0
  var unknown: Int64 = 0
  var units: Int64 = 0

  init(_ events: [Event], fromMs: Int64, toMs: Int64, timeoutMs: Int64) {
    let points = Set(events.flatMap { [$0.timestampMs, $0.timestampMs + timeoutMs] } + [fromMs, toMs])
      .filter { $0 >= fromMs && $0 <= toMs }.sorted()
    for (from, to) in zip(points, points.dropFirst()) {
      let before = events.filter { $0.timestampMs <= from }
      let sets = before.filter { $0.kind != .productCount }
      guard let state = sets.max(by: Self.isEarlier) else {
        unknown += to - from
        continue
      }
      let lastSign = before.map(\.timestampMs).max() ?? 0
      if from >= lastSign + timeoutMs {
        absent += to - from
        timedOut += to - from
      } else if state.kind == .working {
        working += to - from
      } else if state.kind == .idle {
        idle += to - from
      } else {
        absent += to - from
      }
    }
    units = events.filter { $0.timestampMs >= fromMs && $0.timestampMs < toMs }.reduce(0) {
      $0 + Int64($1.count)
    }
  }

  private static func isEarlier(_ left: Event, _ right: Event) -> Bool {
    let leftKey = (
      left.timestampMs, left.confidencePpm ?? 0, left.kind.rawValue, left.eventID, left.workstationID
    )
    let rightKey = (
      right.timestampMs, right.confidencePpm ?? 0, right.kind.rawValue, right.eventID, right.workstationID
    )
    return leftKey < rightKey
  }
}
