/// What a flush writes, and what may wait for a later one.
struct FlushPlan: Sendable {
  /// At most so many buckets with late events are recomputed; the others stay marked.
  var recomputed: Int
  /// Indexes of earlier buckets are written: hardly an event comes to them.
  var closedBeforeMs: Int64
  /// Every index is written.
  var closesAll: Bool

  /// Nothing waits.
  static let everything = FlushPlan(recomputed: .max, closedBeforeMs: .max, closesAll: true)
}
