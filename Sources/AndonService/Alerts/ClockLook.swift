package import AndonCore

/// What the rules of the clock look at, once a second.
package struct ClockLook: Sendable {
  package var cameras: [CameraRow]
  /// The shift that goes on, if one does.
  package var shift: Window?
  /// Since when the site has had its session; nil while it has none.
  package var listeningSinceMs: Int64?
  package var silentAfterMs: Int64
  package var staleAfterMs: Int64
  package var offlineDelayMs: Int64
}
