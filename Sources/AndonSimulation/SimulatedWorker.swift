import AndonCore
import AndonRuntime

/// A worker who works, pauses, changes the workstation and goes to lunch.
struct SimulatedWorker: Sendable {
  let id: String
  private let home: Int
  private(set) var station: Int
  private(set) var kind: EventKind = .idle
  private var untilMs: Int64 = 0
  private var nextUnitMs: Int64 = 0
  private let cycleMs: Int64
  private let lunchShiftMs: Int64
  /// Left the plant, and was seen leaving.
  private(set) var isAway = false

  init(number: Int, stations: Int, random: inout SplitMix64) {
    id = "W\(number + 1)"
    home = number % stations
    station = home
    cycleMs = 40_000 + Int64(random.unit() * 80_000)
    lunchShiftMs = Int64(random.unit() * 600_000)
  }

  /// Waits until the next look.
  mutating func wait() {
    if kind == .working { kind = .idle }
  }

  /// Advances to `nowMs`.
  ///
  /// - Parameter ofGroup: the workstations of a group; a worker stays in it.
  mutating func advance(
    to nowMs: Int64, sinceStartMs: Int64, spanMs: Int64, ofGroup: Int, isPlanned: Bool,
    random: inout SplitMix64
  ) {
    guard isPlanned else {
      (kind, station, isAway, untilMs) = (.absent, home, true, nowMs)
      return
    }
    isAway = false
    guard nowMs >= untilMs else { return }
    let isLunch = spanMs >= 4 * 3_600_000 && abs(sinceStartMs - lunchShiftMs - spanMs / 2) < 900_000
    let isSlowStart = sinceStartMs < min(1_200_000, spanMs / 12)
    let choice = random.unit()
    let workShare = isLunch ? 0.02 : isSlowStart ? 0.55 : 0.80
    let minutes: Double
    if choice < workShare {
      if kind != .working { nextUnitMs = nowMs + cycleMs }
      kind = .working
      minutes = 4 + random.unit() * 14
    } else if choice < workShare + (isLunch ? 0.08 : 0.14) {
      kind = .idle
      minutes = 1 + random.unit() * 4
    } else {
      kind = .absent
      minutes = isLunch ? 10 : 1 + random.unit() * 5
    }
    if kind == .working, random.chance(0.12) {
      station = home / ofGroup * ofGroup + Int(random.next() % UInt64(ofGroup))
    } else if random.chance(0.5) {
      station = home
    }
    untilMs = nowMs + Int64(minutes * 60_000)
  }

  /// Units finished up to `nowMs`; only while working.
  mutating func producedUnits(at nowMs: Int64, random: inout SplitMix64) -> Int32? {
    guard kind == .working, nowMs >= nextUnitMs else { return nil }
    nextUnitMs = nowMs + Int64(Double(cycleMs) * (0.8 + random.unit() * 0.4))
    return random.chance(0.15) ? 2 : 1
  }
}
