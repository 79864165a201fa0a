package import AndonCore

/// What a tile shows of a site's KPI object. Figures are in hundredths, as the object has at most two places where they
/// are used; nil where the object has none.
package struct FleetFigures: Sendable, Hashable {
  package var window: WindowKind
  package var startMs: Int64 = 0
  package var endMs: Int64 = 0
  /// When the bridge computed them, by its clock.
  package var timestampMs: Int64 = 0
  package var shiftID: String?
  /// Of `OPCQuality`.
  package var quality: Int64 = 192
  package var isWithheld = false
  package var utilization: Int64?
  package var coverage: Int64?
  package var pace: Int64?
  /// Whole numbers.
  package var units: Int64?
  package var targetUnits: Int64?
  package var gapUnits: Int64?
  package var forecastUnits: Int64?
  package var targetTotalUnits: Int64?
  package var workersPresent: Int64?
  package var workersWorking: Int64?
  package var stops: Int64?
  /// Milliseconds.
  package var unplannedStopMs: Int64?

  package init(window: WindowKind) { self.window = window }
}
