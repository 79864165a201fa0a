package import AndonCore

/// The shift of now, and how long none was before it.
package struct CurrentShift: Sendable, Hashable {
  /// Nil when there is none.
  package var shift: Window?
  /// Milliseconds; 0 without a shift.
  package var pauseBeforeMs: Int64
  /// Planned time of the last days; nil where everything is planned.
  package var planned: PlannedTime?

  package init(_ shift: Window? = nil, pauseBeforeMs: Int64 = 0, planned: PlannedTime? = nil) {
    (self.shift, self.pauseBeforeMs, self.planned) = (shift, pauseBeforeMs, planned)
  }
}
