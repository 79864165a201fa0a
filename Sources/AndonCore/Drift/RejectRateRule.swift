/// The rule `reject_rate` for one camera: more than 5 % of its last 1000 events were rejected; it clears
/// below 1 %. Fewer than 100 events give no verdict. O(1), 130 bytes.
public struct RejectRateRule: Sendable, Hashable {
  private var bits = [UInt64](repeating: 0, count: 16)
  private var next = 0
  public private(set) var count = 0
  public private(set) var rejected = 0
  public private(set) var isHigh = false

  public static let window = 1000
  public static let minimum = 100

  public init() {}

  /// Continues an alarm that was raised when the bridge stopped; the counts start at 0.
  public init(isHigh: Bool) { self.isHigh = isHigh }

  /// Counts one event and returns whether the verdict changed.
  public mutating func push(isRejected: Bool) -> Bool {
    let mask: UInt64 = 1 << UInt64(next % 64)
    if count == Self.window {
      if bits[next / 64] & mask != 0 { rejected -= 1 }
    } else {
      count += 1
    }
    if isRejected {
      bits[next / 64] |= mask
      rejected += 1
    } else {
      bits[next / 64] &= ~mask
    }
    next = (next + 1) % Self.window
    guard count >= Self.minimum else { return false }
    let wasHigh = isHigh
    isHigh = isHigh ? rejected * 100 >= count : rejected * 20 > count
    return isHigh != wasHigh
  }

  /// In hundredths of a percent, floored.
  public var percentHundredths: Int64 { count == 0 ? 0 : Int64(rejected) * 10_000 / Int64(count) }
}
