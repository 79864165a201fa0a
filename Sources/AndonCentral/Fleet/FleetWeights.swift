import Foundation

/// How much each site of a bridge weighs: 1 for a site without events, and 1 more for every 3 events a second, as a site
/// without events costs about as much as 3 events a second do (measured). The rate is a moving average over a minute.
struct FleetWeights {
  private static let averageMs = 60_000.0
  private static let eventsPerUnit = 3.0

  private struct Weight {
    var ratePerSecond: Double
    var written: Double
  }

  private var weights: [String: Weight] = [:]
  private var lookedAtMs: Int64?

  static func weight(eventsPerSecond rate: Double) -> Double { 1 + max(0, rate) / eventsPerUnit }

  subscript(site: String) -> Double {
    weights[site].map { Self.weight(eventsPerSecond: $0.ratePerSecond) } ?? 1
  }

  /// A site begins with what the bridge before measured.
  mutating func add(_ site: String, weight: Double) {
    weights[site] = Weight(ratePerSecond: (weight - 1) * Self.eventsPerUnit, written: weight)
  }

  mutating func remove(_ site: String) { weights[site] = nil }

  /// Counts events since the last call. Sites that are not named had none.
  mutating func count(_ events: [String: Int64], nowMs: Int64) {
    defer { lookedAtMs = nowMs }
    guard let lookedAtMs, nowMs > lookedAtMs else { return }
    let passedMs = Double(nowMs - lookedAtMs)
    let share = 1 - exp(-passedMs / Self.averageMs)
    for (site, old) in weights {
      let rate = Double(events[site] ?? 0) * 1000 / passedMs
      weights[site]?.ratePerSecond = old.ratePerSecond + (rate - old.ratePerSecond) * share
    }
  }

  /// Those that changed by more than a tenth.
  var changed: [String: Double] {
    var changed: [String: Double] = [:]
    for (site, weight) in weights {
      let now = Self.weight(eventsPerSecond: weight.ratePerSecond)
      if abs(now - weight.written) > weight.written / 10 { changed[site] = now }
    }
    return changed
  }

  mutating func wrote(_ written: [String: Double]) {
    for (site, weight) in written { weights[site]?.written = weight }
  }
}
