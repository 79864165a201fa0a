import Synchronization

/// A token bucket for each client: `perSecond` requests a second, four times that in a burst. The number of
/// clients is bounded; those that were quiet longest are forgotten and start with a full bucket again.
final class RateLimiter: Sendable {
  private struct Bucket {
    var tokens: Double
    var atMs: Int64
  }

  private let perSecond: Double
  private let buckets = Mutex<[String: Bucket]>([:])
  static let burst = 4.0
  static let clientLimit = 10_000

  /// 0: no limit.
  init(perSecond: Int) { self.perSecond = Double(perSecond) }

  /// Nil when the request may proceed, else after how many seconds (≥ 1) the client may try again.
  func secondsToWait(_ client: String, nowMs: Int64) -> Int? {
    guard perSecond > 0 else { return nil }
    return buckets.withLock { buckets in
      let full = perSecond * Self.burst
      var bucket = buckets[client] ?? Bucket(tokens: full, atMs: nowMs)
      let passed = Double(max(0, nowMs - bucket.atMs)) / 1000
      bucket.tokens = min(full, bucket.tokens + passed * perSecond)
      bucket.atMs = nowMs
      let isFine = bucket.tokens >= 1
      if isFine { bucket.tokens -= 1 }
      if buckets[client] == nil, buckets.count >= Self.clientLimit { forget(&buckets) }
      buckets[client] = bucket
      return isFine ? nil : max(1, Int(((1 - bucket.tokens) / perSecond).rounded(.up)))
    }
  }

  private func forget(_ buckets: inout [String: Bucket]) {
    let times = buckets.values.map(\.atMs).sorted()
    let median = times[times.count / 2]
    buckets = buckets.filter { $0.value.atMs > median }
  }
}
