/// The kind of shift that is simulated.
package enum SimulationScenario: String, Sendable, CaseIterable {
  case normal
  /// One camera's model loses confidence permanently.
  case drift
  /// Duplicates, late bursts, bad payloads, camera outages.
  case chaos
}
