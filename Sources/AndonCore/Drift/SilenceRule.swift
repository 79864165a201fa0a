/// The rule `camera_silent`: no event for some time inside a shift. It is judged by the clock, because
/// silence has no event of its own.
///
/// Time outside shifts and in breaks does not count, nor does time before the site had its session: a bridge
/// that was down received nothing either. Without configured shifts there is no verdict.
public enum SilenceRule {
  /// Since when a camera has been silent, counted time only; nil if that is not longer than `limitMs`.
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
