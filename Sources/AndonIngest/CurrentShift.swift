package import AndonCore

/// The shift of now, and how long none was before it.
package struct CurrentShift: Sendable, Hashable {
  /// Nil when there is none.
  package var shift: Window?
  /// Milliseconds; 0 without a shift.
  package var pauseBeforeMs: Int64

  package init(_ shift: Window? = nil, pauseBeforeMs: Int64 = 0) {
    (self.shift, self.pauseBeforeMs) = (shift, pauseBeforeMs)
  }
}
