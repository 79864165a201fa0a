import AndonConfiguration
import AndonCore
import AndonIngest

/// When the rules about time are asked, once a second, and what they look at.
struct TickSchedule: Sendable {
  private static let intervalMs: Int64 = 1000
  private let alarms: AlarmSettings
  /// Epoch milliseconds; nil before the first.
  private var lastTickMs: Int64?
  /// The current shift, and how long none was before it.
  private var pause: (shift: Window, lengthMs: Int64)?
  /// Planned time of the last days, and for which hour and calendar it holds.
  private var planned: (hour: Int64, changes: Int, time: PlannedTime?)?
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
    let calendar = engine.calendar
    let shift = calendar.window(.shift, containing: nowMs)
    return TickContext(
      cameras: engine.cameraRows, shift: shift,
      pauseBeforeMs: shift.map { pauseMs(before: $0, calendar) } ?? 0,
      listeningSinceMs: listeningSinceMs, silentAfterMs: alarms.silentAfterMs,
      staleAfterMs: alarms.staleAfterMs, offlineDelayMs: alarms.offlineDelayMs,
      groupWindowMs: alarms.groupWindowMs, sequenceGapAfterMs: alarms.sequenceGapAfterMs,
      planned: planned(calendar, changes: engine.calendarChanges.count, nowMs: nowMs))
  }

  private mutating func planned(_ calendar: SiteCalendar, changes: Int, nowMs: Int64) -> PlannedTime? {
    let hour = nowMs / 3_600_000
    if let planned, planned.hour == hour, planned.changes == changes { return planned.time }
    let time = calendar.planned(in: nowMs - Self.plannedMs..<nowMs + 2 * 3_600_000)
    planned = (hour, changes, time)
    return time
  }

  private mutating func pauseMs(before shift: Window, _ calendar: SiteCalendar) -> Int64 {
    if let pause, pause.shift == shift { return pause.lengthMs }
    let past = shift.startMs - Self.longestPauseMs
    let ends = calendar.windows(.shift, endingAfter: past, upTo: shift.startMs).map(\.endMs)
    pause = (shift, shift.startMs - (ends.max() ?? past))
    return pause?.lengthMs ?? 0
  }
}
