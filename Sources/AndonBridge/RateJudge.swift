import AndonConfiguration
import AndonCore
import AndonStore

/// Finds the hours of cameras that `rate_low` is judged by: planned, and with all their events as far as is known.
struct RateJudge {
  let site: SiteSettings
  /// Verdicts are found again for so many hours: late events are no older by default.
  static let horizon: Int64 = 7 * 24
  /// After the end of an hour, milliseconds.
  static let graceMs: Int64 = 300_000

  /// The hour that is judged last at an instant.
  static func lastHour(nowMs: Int64) -> Int64 { HourSum.hour(of: nowMs - graceMs) - 1 }

  /// Of the cameras with a verdict. O(hours of five weeks).
  func findings(_ store: SiteStore, nowMs: Int64) throws -> [RateFinding] {
    let end = Self.lastHour(nowMs: nowMs) + 1
    let hours = end - Self.horizon - RateRule.baseline..<end
    let times = hours.lowerBound * HourSum.milliseconds..<hours.upperBound * HourSum.milliseconds
    let calendars = try store.calendars(of: site)
    let gaps = try store.gaps(fromMs: times.lowerBound, toMs: times.upperBound).filter(\.cause.mayMissEvents)
    let planned = calendars.all.map { $0.calendar.planned(in: times) }
    var places: [String: Int] = [:]
    for (place, (_, lines)) in calendars.all.enumerated() where place > 0 {
      for camera in lines.flatMap(\.cameras) { places[camera] = place }
    }
    return try store.hours(of: hours).sorted { $0.key < $1.key }.compactMap { camera, sums in
      let missing =
        gaps.filter { $0.cameraID.isEmpty || $0.cameraID == camera }.map {
          $0.fromMs...max($0.fromMs, $0.toMs)
        }
        + (try absences(of: camera, store))
      let known = sums.compactMap { sum -> RateHour? in
        let range = sum.hour * HourSum.milliseconds..<sum.endMs
        guard isPlanned(range, planned[places[camera] ?? 0]), !missing.contains(where: range.overlaps) else {
          return nil
        }
        let slot = RateHour.slot(localMs: calendars.site.localMs(at: range.lowerBound))
        return RateHour(hour: sum.hour, slot: slot, count: sum.count)
      }
      let verdicts = RateRule.verdicts(known, from: end - Self.horizon)
      guard !verdicts.isEmpty else { return nil }
      return RateFinding(
        camera: camera, fromMs: (end - Self.horizon) * HourSum.milliseconds, verdicts: verdicts)
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
}
