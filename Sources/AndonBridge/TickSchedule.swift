import AndonConfiguration
import AndonCore
import AndonIngest

/// When the rules about time are asked, once a second, and what they look at.
struct TickSchedule: Sendable {
  private static let intervalMs: Int64 = 1000
  private let alarms: AlarmSettings
  /// Epoch milliseconds; nil before the first.
  private var lastTickMs: Int64?
  /// The current shift of each calendar, by its place.
  private var current: [Int: CurrentShift] = [:]
  /// Planned time of the last days of each calendar, by its place, and for which hour and changes it holds.
  private var planned: [Int: (hour: Int64, changes: Int, time: PlannedTime?)] = [:]
  /// Older losses are judged by what lies in this time.
  private static let plannedMs: Int64 = 8 * 86_400_000
  /// The longest closure that is looked back over.
  private static let longestPauseMs: Int64 = 60 * 86_400_000

  init(_ site: SiteSettings) { alarms = site.alarms }

  /// True once for each interval; a clock that was set back makes it due at once.
  mutating func isDue(nowMs: Int64) -> Bool {
    if let lastTickMs, nowMs < lastTickMs + Self.intervalMs, nowMs >= lastTickMs { return false }
    lastTickMs = nowMs
    return true
  }

  /// - Parameter listeningSinceMs: since when the subscriptions stand; nil before.
  mutating func context(_ engine: SiteEngine, listeningSinceMs: Int64?, nowMs: Int64) -> TickContext {
    var shiftOfCamera: [String: CurrentShift] = [:]
    var ofSite = CurrentShift()
    for (place, (calendar, lines)) in engine.calendars.all.enumerated() {
      var shift = currentShift(calendar, place: place, nowMs: nowMs)
      shift.planned = planned(
        calendar, place: place, changes: engine.calendarChanges.count, nowMs: nowMs)
      if place == 0 {
        ofSite = shift
      } else {
        for camera in lines.flatMap(\.cameras) { shiftOfCamera[camera] = shift }
      }
    }
    return TickContext(
      cameras: engine.cameraRows, shift: ofSite.shift, pauseBeforeMs: ofSite.pauseBeforeMs,
      shiftOfCamera: shiftOfCamera,
      listeningSinceMs: listeningSinceMs, silentAfterMs: alarms.silentAfterMs,
      staleAfterMs: alarms.staleAfterMs, offlineDelayMs: alarms.offlineDelayMs,
      groupWindowMs: alarms.groupWindowMs, sequenceGapAfterMs: alarms.sequenceGapAfterMs,
      planned: ofSite.planned)
  }

  private mutating func planned(
    _ calendar: SiteCalendar, place: Int, changes: Int, nowMs: Int64
  ) -> PlannedTime? {
    let hour = nowMs / 3_600_000
    if let known = planned[place], known.hour == hour, known.changes == changes { return known.time }
    let time = calendar.planned(in: nowMs - Self.plannedMs..<nowMs + 2 * 3_600_000)
    planned[place] = (hour, changes, time)
    return time
  }

  private mutating func currentShift(_ calendar: SiteCalendar, place: Int, nowMs: Int64) -> CurrentShift {
    guard let shift = calendar.window(.shift, containing: nowMs) else { return CurrentShift() }
    if let known = current[place], known.shift == shift { return known }
    let past = shift.startMs - Self.longestPauseMs
    let ends = calendar.windows(.shift, endingAfter: past, upTo: shift.startMs).map(\.endMs)
    let found = CurrentShift(shift, pauseBeforeMs: shift.startMs - (ends.max() ?? past))
    current[place] = found
    return found
  }
}
