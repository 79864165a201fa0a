/// A closed day or shift of a site, as the central database has it.
package struct CentralSpan: Sendable, Equatable {
  package var kind: String
  package var startMs: Int64
  package var endMs: Int64
  package var shiftID: String?
  package var quality: Int64
  /// Hundredths of a per cent.
  package var utilization: Int64?
  package var units: Int64?
  package var targetUnits: Int64?
}
