package import AndonCore
package import AndonStore

/// Reports of shifts that are over, to be told as far as they differ from what was told.
package struct ReportFinding: Sendable {
  package var reports: [ShiftReport]
  /// Told, and the calendar has no such shift any more.
  package var withdrawn: [ToldReport]

  package init(reports: [ShiftReport], withdrawn: [ToldReport]) {
    (self.reports, self.withdrawn) = (reports, withdrawn)
  }

  package var isEmpty: Bool { reports.isEmpty && withdrawn.isEmpty }
}
