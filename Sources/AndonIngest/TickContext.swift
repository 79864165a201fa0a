package import AndonCore
package import AndonStore

/// The inputs of the rules of the clock, once a second.
package struct TickContext: Sendable {
  package var cameras: [CameraRow]
  /// By the calendar of the site.
  package var shift: CurrentShift
  /// By camera, for those of lines that do not follow the site.
  package var shiftOfCamera: [String: CurrentShift]
  /// Since when the site has had its session; nil while it has none.
  package var listeningSinceMs: Int64?
  package var silentAfterMs: Int64
  package var staleAfterMs: Int64
  package var offlineDelayMs: Int64
  /// How long a camera's alarm waits for others of its groups.
  package var groupWindowMs: Int64
  /// How long numbers may be missing before that is an alarm.
  package var sequenceGapAfterMs: Int64

  package init(
    cameras: [CameraRow], shift: Window? = nil, pauseBeforeMs: Int64 = 0,
    shiftOfCamera: [String: CurrentShift] = [:],
    listeningSinceMs: Int64? = nil, silentAfterMs: Int64, staleAfterMs: Int64, offlineDelayMs: Int64,
    groupWindowMs: Int64 = 0, sequenceGapAfterMs: Int64 = 600_000, planned: PlannedTime? = nil
  ) {
    self.cameras = cameras
    self.shift = CurrentShift(shift, pauseBeforeMs: pauseBeforeMs, planned: planned)
    self.shiftOfCamera = shiftOfCamera
    self.listeningSinceMs = listeningSinceMs
    self.silentAfterMs = silentAfterMs
    self.staleAfterMs = staleAfterMs
    self.offlineDelayMs = offlineDelayMs
    self.groupWindowMs = groupWindowMs
    self.sequenceGapAfterMs = sequenceGapAfterMs
  }

  /// The shift that a camera's silence is judged by.
  package func shift(ofCamera id: String) -> CurrentShift { shiftOfCamera[id] ?? shift }
}
