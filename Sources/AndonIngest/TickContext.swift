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
  /// How long a camera's alarm waits for others of its groups.
  package var groupWindowMs: Int64
  /// How long numbers may be missing before that is an alarm.
  package var sequenceGapAfterMs: Int64
  /// Planned time of the last days; nil where everything is planned.
  package var planned: PlannedTime?

  package init(
    cameras: [CameraRow], shift: Window? = nil, pauseBeforeMs: Int64 = 0,
    listeningSinceMs: Int64? = nil, silentAfterMs: Int64, staleAfterMs: Int64, offlineDelayMs: Int64,
    groupWindowMs: Int64 = 0, sequenceGapAfterMs: Int64 = 600_000, planned: PlannedTime? = nil
  ) {
    self.cameras = cameras
    self.shift = shift
    self.pauseBeforeMs = pauseBeforeMs
    self.listeningSinceMs = listeningSinceMs
    self.silentAfterMs = silentAfterMs
    self.staleAfterMs = staleAfterMs
    self.offlineDelayMs = offlineDelayMs
    self.groupWindowMs = groupWindowMs
    self.sequenceGapAfterMs = sequenceGapAfterMs
    self.planned = planned
  }
}
