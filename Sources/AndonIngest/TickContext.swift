package import AndonCore
package import AndonStore

/// The inputs of the rules of the clock, once a second.
package struct TickContext: Sendable {
  package var cameras: [CameraRow]
  /// The current shift, if any.
  package var shift: Window?
  /// How long no shift was before it, milliseconds.
  package var pauseBeforeMs: Int64
  /// Since when the site has had its session; nil while it has none.
  package var listeningSinceMs: Int64?
  package var silentAfterMs: Int64
  package var staleAfterMs: Int64
  package var offlineDelayMs: Int64

  package init(
    cameras: [CameraRow], shift: Window? = nil, pauseBeforeMs: Int64 = 0,
    listeningSinceMs: Int64? = nil, silentAfterMs: Int64, staleAfterMs: Int64, offlineDelayMs: Int64
  ) {
    self.cameras = cameras
    self.shift = shift
    self.pauseBeforeMs = pauseBeforeMs
    self.listeningSinceMs = listeningSinceMs
    self.silentAfterMs = silentAfterMs
    self.staleAfterMs = staleAfterMs
    self.offlineDelayMs = offlineDelayMs
  }
}
