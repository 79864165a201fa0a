package import AndonCore

/// A final record that the broker acknowledged.
package struct FinalPublication: Sendable {
  package var row: FinalRow
  /// As it was published; nil when the site's log does not want it.
  package var record: KPIRecord?

  package init(row: FinalRow, record: KPIRecord?) { (self.row, self.record) = (row, record) }
}
