import AndonCore

/// The key of a final window in the file.
struct FinalWindow: Hashable {
  var kind: WindowKind
  var startMs: Int64
  var endMs: Int64
  /// Empty for hours and days.
  var shiftID: String

  init(kind: WindowKind, _ window: Window) {
    self.kind = kind
    (startMs, endMs, shiftID) = (window.startMs, window.endMs, window.shiftID ?? "")
  }
}
