import AndonCore
import GRDB

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

  /// From the columns `window_kind, start_ms, end_ms, shift_id`, which come first; nil for an unknown kind.
  init?(_ row: Row) {
    guard let kind = WindowKind(rawValue: row[0]) else { return nil }
    (self.kind, startMs, endMs, shiftID) = (kind, row[1], row[2], row[3])
  }

  var window: Window {
    Window(kind: kind, startMs: startMs, endMs: endMs, shiftID: shiftID.isEmpty ? nil : shiftID)
  }

  /// The records of a scope that are stored as that; nil when they do not match their checksum.
  ///
  /// - Parameter asked: what they say they are of; nil: this window.
  func records(
    _ stored: DatabaseValue, _ scope: KPIScope, site: String, of asked: Window? = nil, nowMs: Int64
  ) -> [KPIRecord]? {
    BlobKey.finalFigures(self, scope).opened(stored).flatMap {
      KPIRecord.decoded($0.span, site: site, scope, asked ?? window, nowMs: nowMs)
    }
  }
}
