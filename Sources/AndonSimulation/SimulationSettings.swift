/// The size and seed of a simulated plant.
package struct SimulationSettings: Sendable {
  package var siteID: String
  package var workers = 6
  package var workstations = 6
  package var cameras = 6
  package var fromMs: Int64
  package var durationMs: Int64
  package var seed: UInt64 = 1
  package var scenario = SimulationScenario.normal
  /// Between two looks of a camera at one worker.
  package var lookMs: Int64 = 10_000

  /// How long the drifting camera takes to get bad; a tenth of the span unless given.
  package var driftOverMs: Int64?

  package init(siteID: String, fromMs: Int64, durationMs: Int64) {
    self.siteID = siteID
    self.fromMs = fromMs
    self.durationMs = durationMs
  }
}
