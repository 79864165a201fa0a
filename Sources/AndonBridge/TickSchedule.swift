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
      staleAfterMs: alarms.staleAfterMs, offlineDelayMs: alarms.offlineDelayMs)
  }

  private mutating func pauseMs(before shift: Window, _ calendar: SiteCalendar) -> Int64 {
    if let pause, pause.shift == shift { return pause.lengthMs }
    let past = shift.startMs - Self.longestPauseMs
    let ends = calendar.windows(.shift, endingAfter: past, upTo: shift.startMs).map(\.endMs)
    pause = (shift, shift.startMs - (ends.max() ?? past))
    return pause?.lengthMs ?? 0
  }
}
