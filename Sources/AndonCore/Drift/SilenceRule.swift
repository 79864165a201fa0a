/// The rule `camera_silent`: no event for a while inside a shift. The one rule of the clock, because silence
/// has no event of its own.
///
/// Time outside of shifts and in breaks does not count, and none before the site had its session: a bridge that
/// was away heard nothing either. Without configured shifts there is no verdict.
public enum SilenceRule {
  /// Since when a camera has been silent in a way that counts, if that is longer than `limitMs`.
  ///
  /// - Parameter shift: the shift that contains `nowMs`, nil when none does.
  public static func silentSince(
    lastReceivedMs: Int64, listeningSinceMs: Int64, shift: Window?, nowMs: Int64, limitMs: Int64
  ) -> Int64? {
    guard let shift, !shift.breaks.contains(where: { $0.contains(nowMs) }) else { return nil }
    let breakEndMs = shift.breaks.map(\.upperBound).filter { $0 <= nowMs }.max() ?? shift.startMs
    let since = max(lastReceivedMs, listeningSinceMs, shift.startMs, breakEndMs)
    return nowMs - since > limitMs ? since : nil
  }
}
