import AndonConfiguration
import AndonCore
import AndonIngest

/// When the rules about time are asked, once a second, and what they look at.
struct TickSchedule: Sendable {
  private static let intervalMs: Int64 = 1000
  private let alarms: AlarmSettings
  private let calendar: SiteCalendar
  /// Epoch milliseconds; nil before the first.
  private var lastTickMs: Int64?

  init(_ site: SiteSettings, calendar: SiteCalendar) {
    alarms = site.alarms
    self.calendar = calendar
  }

  /// True once for each interval; a clock that was set back makes it due at once.
  mutating func isDue(nowMs: Int64) -> Bool {
    if let lastTickMs, nowMs < lastTickMs + Self.intervalMs, nowMs >= lastTickMs { return false }
    lastTickMs = nowMs
    return true
  }

  /// - Parameter listeningSinceMs: since when the subscriptions stand; nil before.
  func context(_ engine: SiteEngine, listeningSinceMs: Int64?, nowMs: Int64) -> TickContext {
    TickContext(
      cameras: engine.cameraRows, shift: calendar.window(.shift, containing: nowMs),
      listeningSinceMs: listeningSinceMs, silentAfterMs: alarms.silentAfterMs,
      staleAfterMs: alarms.staleAfterMs, offlineDelayMs: alarms.offlineDelayMs)
  }
}
