import AndonConfiguration
import AndonCore
import AndonIngest
import AndonRuntime
import AndonStore

/// Finds the hours of cameras that `rate_low` is judged by: planned, and with all their events as far as is known.
///
/// An hour is judged five minutes after its end and again in the week that follows, so that late events count.
struct RateFinder: Sendable {
  let site: SiteSettings
  let clock: WallClock
  /// Verdicts are found again for so many hours: late events are no older by default.
  private static let horizon: Int64 = 7 * 24
  private static let graceMs: Int64 = 300_000

  /// Nil when no other hour is over since.
  func find(_ store: SiteStore, after doneMs: Int64?) throws -> ClosedTimeService.Found? {
    let end = HourSum.hour(of: clock.nowMs - Self.graceMs)
    let endMs = end * HourSum.milliseconds
    guard endMs != doneMs else { return nil }
    let found = try findings(store, end: end)
    return ClosedTimeService.Found(work: found.isEmpty ? nil : .rates(found), endMs: endMs)
  }

  /// Of the cameras with a verdict. O(hours of five weeks).
  ///
  /// - Parameter end: the first hour that is not judged.
  private func findings(_ store: SiteStore, end: Int64) throws -> [RateFinding] {
    let first = end - Self.horizon
    let hours = first - RateRule.baseline..<end
    let times = hours.lowerBound * HourSum.milliseconds..<hours.upperBound * HourSum.milliseconds
    let calendars = try store.calendars(of: site)
    let planned = calendars.all.map { $0.calendar.planned(in: times) }
    var places: [String: Int] = [:]
    for (place, (_, lines)) in calendars.all.enumerated() where place > 0 {
      for camera in lines.flatMap(\.cameras) { places[camera] = place }
    }
    let gaps = try store.gaps(fromMs: times.lowerBound, toMs: times.upperBound).filter(\.cause.mayMissEvents)
    // By camera; those of the whole site have no camera.
    let missing = Dictionary(grouping: gaps, by: \.cameraID).mapValues { gaps in
      Self.hours(of: gaps.map { $0.fromMs...max($0.fromMs, $0.toMs) }, within: hours)
    }
    return try store.hours(of: hours).sorted { $0.key < $1.key }.compactMap { camera, sums in
      let left = [
        missing[""] ?? [], missing[camera] ?? [],
        Self.hours(of: try absences(of: camera, store), within: hours),
      ]
      let known = sums.compactMap { sum -> RateHour? in
        let range = sum.hour * HourSum.milliseconds..<sum.endMs
        guard isPlanned(range, planned[places[camera] ?? 0]), !left.contains(where: { $0.contains(sum.hour) })
        else { return nil }
        let slot = RateHour.slot(localMs: calendars.site.localMs(at: range.lowerBound))
        return RateHour(hour: sum.hour, slot: slot, count: sum.count)
      }
      let verdicts = RateRule.verdicts(known, from: first)
      guard !verdicts.isEmpty else { return nil }
      return RateFinding(camera: camera, fromMs: first * HourSum.milliseconds, verdicts: verdicts)
    }
  }

  /// For at least half of it; without shifts everything is planned.
  private func isPlanned(_ range: Range<Int64>, _ planned: PlannedTime?) -> Bool {
    planned.map { 2 * $0.durationMs(in: range) >= HourSum.milliseconds } ?? true
  }

  /// When a camera was offline or silent: other rules call for that.
  private func absences(of camera: String, _ store: SiteStore) throws -> [ClosedRange<Int64>] {
    try store.episodes(source: camera).filter {
      $0.key.rule == .cameraOffline || $0.key.rule == .cameraSilent
    }.map { $0.sinceMs...max($0.sinceMs, $0.endedMs ?? .max) }
  }

  /// The hours of the range that one of these times touches.
  private static func hours(of times: [ClosedRange<Int64>], within hours: Range<Int64>) -> Set<Int64> {
    var found: Set<Int64> = []
    for time in times {
      let touched = HourSum.hour(of: time.lowerBound)..<HourSum.hour(of: time.upperBound) + 1
      found.formUnion(touched.clamped(to: hours))
    }
    return found
  }
}
