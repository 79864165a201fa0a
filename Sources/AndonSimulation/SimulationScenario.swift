/// What kind of shift is simulated.
package enum SimulationScenario: String, Sendable, CaseIterable {
  case normal
  /// One camera's model loses confidence for good.
  case drift
  /// Duplicates, late bursts, bad payloads, camera outages.
  case chaos
}
