import AndonRuntime
import TestSupport
import Testing

@testable import AndonCentral

/// Bridges that share sites, against a model of the database. Invariants are in `FleetSimulation.check` and `connect`.
@Suite(.timeLimit(.minutes(5)))
struct FleetMembershipTests {
  /// Faults of all kinds, then quiet: all sites are owned, even, and stay where they are.
  @Test(.seeded, arguments: Seed.many(0..<120)) func faultsThenQuiet(seed: UInt64) throws {
    let simulation = FleetSimulation(seed: seed, sites: 12 + Int(seed % 30))
    for number in 1...(3 + Int(seed % 4)) { simulation.start("b\(number)") }
    simulation.badness = (5, 5, seed % 3 == 0 ? 10 : 0)
    simulation.run(forMs: 120_000) { disturb(simulation) }
    simulation.badness = (0, 0, 0)
    simulation.isDown = false
    for bridge in simulation.bridges {
      (bridge.isCutOff, bridge.hasBroker) = (false, true)
      if bridge.membership == nil || bridge.isStopping { simulation.launch(bridge) }
      simulation.model.bridges[bridge.name]?.isDraining = false
    }
    for id in simulation.model.sites.keys { simulation.model.sites[id]?.isEnabled = true }
    // Calls that are still on their way come within 15 s, frozen bridges wake up within 20 s.
    simulation.run(forMs: 90_000)
    #expect(simulation.unrest() == nil)
    let before = simulation.model.heads.mapValues(\.epoch)
    simulation.run(forMs: 60_000)
    #expect(simulation.unrest() == nil)
    #expect(simulation.model.heads.mapValues(\.epoch) == before, "sites moved although nothing happened")
    #expect(simulation.faults.prefix(5) == [])
    #expect(simulation.connects > 0)
  }

  private func disturb(_ simulation: FleetSimulation) {
    guard simulation.below(60) == 0 else { return }
    let bridge = simulation.bridges[simulation.below(simulation.bridges.count)]
    let site = simulation.model.sites.keys.sorted()[simulation.below(simulation.model.sites.count)]
    switch simulation.below(16) {
    case 0...1: simulation.kill(bridge)
    case 2...3: if bridge.membership == nil { simulation.launch(bridge) }
    // A process that starts again at once.
    case 4: simulation.launch(bridge)
    case 5...6:
      simulation.freeze(bridge, forMs: Int64(simulation.below(20_000)), isMachine: simulation.below(2) == 0)
    case 7: bridge.isCutOff.toggle()
    case 8: if simulation.below(3) == 0 { simulation.isDown.toggle() } else { simulation.isDown = false }
    case 9: bridge.hasBroker.toggle()
    case 10: simulation.model.bridges[bridge.name]?.isDraining.toggle()
    case 11: simulation.model.sites[site]?.pinnedTo = simulation.below(2) == 0 ? bridge.name : nil
    case 12: simulation.model.sites[site]?.isEnabled.toggle()
    case 13: simulation.model.sites[site]?.configRev += 1
    case 14: bridge.membership?.markUnfit(site)
    default: if simulation.bridges.count < 7 { simulation.start("b\(simulation.bridges.count + 1)") }
    }
    // A pin is a rule of its own for the balance.
    if simulation.below(4) == 0 {
      for id in simulation.model.sites.keys { simulation.model.sites[id]?.pinnedTo = nil }
    }
  }
}
