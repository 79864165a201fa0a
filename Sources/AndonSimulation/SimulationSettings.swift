package import AndonCore

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
  /// The time between two observations of a worker.
  package var lookMs: Int64 = 10_000

  /// How long the drifting camera takes to degrade; nil: a tenth of the span.
  package var driftOverMs: Int64?

  /// When the plant works; nil: always. Outside of it everybody is away.
  package var planned: PlannedTime?
  /// Workers change workstations only inside a group: so many groups with the same number of workstations.
  package var groups = 1
  /// Workstations, from 0 on, at which workers wait.
  package var standstills: [(station: Int, range: Range<Int64>)] = []
  /// From when on workers are observed as often as `lookMs` says, before it every 30 s; nil: always.
  package var closelyFromMs: Int64?

  /// Whether each event has its camera's next number.
  package var numbersEvents = false

  package init(siteID: String, fromMs: Int64, durationMs: Int64) {
    self.siteID = siteID
    self.fromMs = fromMs
    self.durationMs = durationMs
  }
}
