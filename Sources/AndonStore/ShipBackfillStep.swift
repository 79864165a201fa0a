package import AndonCore

/// Rows of a back-fill that are to be shipped next.
package struct ShipBackfillStep: Sendable {
  /// As it was before.
  package var backfill: ShipBackfill
  package var records: [ShipRecord]
  /// Where it continues; nil when it is done.
  var next: ShipBackfill.Cursor?
  /// Events in this range cannot be read.
  var unreadable: Range<Int64>?
}
