import AndonConfiguration
import AndonCore
import AndonIngest

/// Says once a second what the rules about time look at.
struct TickSchedule: Sendable {
  private static let intervalMs: Int64 = 1000
  private let alerts: AlertSettings
  private let calendar: SiteCalendar
  /// Epoch milliseconds.
  private var lastTickMs: Int64 = .min

  init(_ site: SiteSettings, calendar: SiteCalendar) {
    alerts = site.alerts
    self.calendar = calendar
  }

  /// Nil before the next tick is due; a clock that was set back makes it due at once.
  ///
  /// - Parameter listeningSinceMs: since when the subscriptions stand; nil before.
  mutating func context(_ engine: SiteEngine, listeningSinceMs: Int64?, nowMs: Int64) -> TickContext? {
    guard nowMs >= lastTickMs + Self.intervalMs || nowMs < lastTickMs else { return nil }
    lastTickMs = nowMs
    return TickContext(
      cameras: engine.cameraRows, shift: calendar.window(.shift, containing: nowMs),
      listeningSinceMs: listeningSinceMs, silentAfterMs: alerts.silentAfterMs,
      staleAfterMs: alerts.staleAfterMs, offlineDelayMs: alerts.offlineDelayMs)
  }
}
