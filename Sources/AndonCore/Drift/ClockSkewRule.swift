/// The rule `clock_skew` for one camera: its clock and the bridge's disagree by more than 30 s.
///
/// Judges the median of received − timestamp over the last 100 events, milliseconds. A backlog is no skew:
/// there the timestamps span far more time than the receptions, and the rule gives no verdict. An event that
/// was rejected because it lies in the future counts as one minute ahead. O(1) a push, O(100 log 100) a
/// verdict, 1.6 kB.
public struct ClockSkewRule: Sendable, Hashable {
  private var skews: [Int64] = []
  private var received: [Int64] = []
  private var next = 0
  /// How many of the skews are beyond the limit.
  private var beyond = 0

  public static let window = 100
  public static let limitMs: Int64 = 30_000
  private static let futureSkewMs: Int64 = -60_000

  public init() {}

  public mutating func push(timestampMs: Int64, receivedMs: Int64) {
    push(skewMs: receivedMs - timestampMs, receivedMs: receivedMs)
  }

  public mutating func pushTooFuture(receivedMs: Int64) {
    push(skewMs: Self.futureSkewMs, receivedMs: receivedMs)
  }

  private mutating func push(skewMs: Int64, receivedMs: Int64) {
    if Self.isBeyond(skewMs) { beyond += 1 }
    if skews.count == Self.window, Self.isBeyond(skews[next]) { beyond -= 1 }
    if skews.count < Self.window {
      skews.append(skewMs)
      received.append(receivedMs)
    } else {
      skews[next] = skewMs
      received[next] = receivedMs
    }
    next = (next + 1) % Self.window
  }

  private static func isBeyond(_ skewMs: Int64) -> Bool { !(-limitMs...limitMs).contains(skewMs) }

  /// False while the verdict, if there is one, cannot be that the clock is off. O(1), without a median.
  public var isPossiblySkewed: Bool { 2 * beyond >= Self.window }

  /// The median, positive when the camera's clock is behind; nil without a verdict.
  public var medianMs: Int64? {
    guard skews.count == Self.window else { return nil }
    let newest = (next + Self.window - 1) % Self.window
    let span = received[newest] - received[next]
    // The two spans differ by the change of the skew; live events arrive about as fast as they happen.
    let eventSpan = span - (skews[newest] - skews[next])
    guard span >= 0, abs(skews[newest] - skews[next]) <= Self.limitMs, 2 * span >= eventSpan else {
      return nil
    }
    return skews.sorted()[Self.window / 2]
  }

  /// Whether the clock is off by more than the limit; nil without a verdict.
  public var isSkewed: Bool? { medianMs.map { abs($0) > Self.limitMs } }
}
