package import AndonCore

/// The last that was told of a report.
package struct ToldReport: Sendable, Equatable {
  package var key: ReportKey
  package var endMs: Int64
  package var shiftID: String
  package var revision: Int64
  /// The calendar had no such shift any more.
  package var isRetracted: Bool
  /// `ShiftReport.face` of what was told.
  package var face: Int64

  package init(
    key: ReportKey, endMs: Int64, shiftID: String, revision: Int64, isRetracted: Bool, face: Int64
  ) {
    (self.key, self.endMs, self.shiftID) = (key, endMs, shiftID)
    (self.revision, self.isRetracted, self.face) = (revision, isRetracted, face)
  }
}
