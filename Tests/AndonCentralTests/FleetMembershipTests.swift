import AndonRuntime
import TestSupport
import Testing

@testable import AndonCentral

/// Bridges that share sites, against a model of the database. Invariants are in `FleetSimulation.check` and `connect`.
@Suite(.timeLimit(.minutes(5)))
struct FleetMembershipTests {
  /// Faults of all kinds, then quiet: all sites are owned, even, and stay where they are.
  @Test(.seeded, arguments: Seed.many(0..<60)) func faultsThenQuiet(seed: UInt64) throws {
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
    let before = simulation.model.heads
    simulation.run(forMs: 60_000)
    #expect(simulation.unrest() == nil)
    // Weights are measured: now and then one site moves for them.
    let moved = simulation.model.heads.filter { $0.value.epoch != before[$0.key]?.epoch }.map(\.key)
    #expect(moved.count <= 1, "sites moved although nothing happened: \(moved)")
    #expect(simulation.faults.prefix(5) == [])
    #expect(simulation.connects > 0)
  }

  /// A bridge that ends is replaced within ttl and some beats, and one that comes gets its part.
  @Test(.seeded) func aDeathAndANewcomer() throws {
    let simulation = FleetSimulation(seed: Seed.one, sites: 40)
    for number in 1...4 { simulation.start("b\(number)") }
    simulation.run(forMs: 30_000)
    #expect(simulation.unrest() == nil)
    simulation.kill(simulation.bridges[0])
    simulation.run(forMs: 8000 + 3 * 2000 + 5000)
    #expect(simulation.unrest() == nil)
    simulation.start("b5")
    simulation.run(forMs: 30_000)
    #expect(simulation.unrest() == nil)
    #expect(simulation.bridges.last?.lanes.isEmpty == false)
    #expect(simulation.faults == [])
  }

  /// A process that starts again at once gets the sites whose files it has.
  @Test(.seeded) func aRestartKeepsItsSites() throws {
    let simulation = FleetSimulation(seed: Seed.one, sites: 12)
    for number in 1...3 { simulation.start("b\(number)") }
    simulation.run(forMs: 60_000)
    let before = Set(simulation.bridges[0].lanes.keys)
    #expect(!before.isEmpty)
    simulation.launch(simulation.bridges[0])
    simulation.run(forMs: 20_000)
    #expect(Set(simulation.bridges[0].lanes.keys) == before)
    #expect(simulation.faults == [])
  }

  /// F9 and F10: without a broker it rests only while another bridge has one.
  @Test(.seeded) func withoutABrokerItGivesItsSitesToThoseThatHaveOne() throws {
    let simulation = FleetSimulation(seed: Seed.one, sites: 12)
    for number in 1...3 { simulation.start("b\(number)") }
    simulation.run(forMs: 30_000)
    for bridge in simulation.bridges { bridge.hasBroker = false }
    let before = simulation.model.heads.mapValues(\.epoch)
    simulation.run(forMs: 60_000)
    #expect(simulation.model.heads.mapValues(\.epoch) == before, "none has a broker, so nothing moves")
    for bridge in simulation.bridges.dropFirst() { bridge.hasBroker = true }
    simulation.run(forMs: 30_000)
    #expect(simulation.bridges[0].lanes.isEmpty)
    #expect(simulation.bridges[0].membership?.standing.isResting == true)
    #expect(simulation.unrest() == nil)
    simulation.bridges[0].hasBroker = true
    simulation.run(forMs: 30_000)
    #expect(!simulation.bridges[0].lanes.isEmpty)
    #expect(simulation.unrest() == nil)
    #expect(simulation.faults == [])
  }

  /// F20: of two bridges with one name one stays away, and takes over when the other is gone.
  @Test(.seeded) func twoOfOneNameDoNotFight() throws {
    let simulation = FleetSimulation(seed: Seed.one, sites: 6)
    let first = simulation.start("b1")
    simulation.run(forMs: 20_000)
    let twin = FleetSimulation.Bridge("b1")
    simulation.bridges.append(twin)
    simulation.launch(twin)
    simulation.run(forMs: 60_000)
    let aside = [first, twin].filter { $0.membership?.standing.standsAside == true }
    #expect(aside.count == 1)
    let runs: FleetSimulation.Bridge = aside.first === first ? twin : first
    #expect(runs.lanes.count == 6)
    #expect(aside.first?.membership?.standing.trouble?.contains("bridge.id") == true)
    let before = simulation.model.heads.mapValues(\.epoch)
    simulation.run(forMs: 120_000)
    #expect(simulation.model.heads.mapValues(\.epoch) == before)
    simulation.kill(runs)
    simulation.run(forMs: 40_000)
    #expect(aside.first?.lanes.count == 6)
    #expect(simulation.faults == [])
  }

  /// A drained bridge, a bridge that stops, and a pinned site.
  @Test(.seeded) func peopleMoveSites() throws {
    let simulation = FleetSimulation(seed: Seed.one, sites: 20)
    for number in 1...3 { simulation.start("b\(number)") }
    simulation.run(forMs: 30_000)
    simulation.model.bridges["b1"]?.isDraining = true
    simulation.model.sites["site-07"]?.pinnedTo = "b2"
    simulation.run(forMs: 20_000)
    #expect(simulation.bridges[0].lanes.isEmpty)
    #expect(simulation.bridges[1].lanes["site-07"] != nil)
    #expect(simulation.unrest() == nil)
    // It is b2's also when that one has more than its part, and another's while b2 ends.
    simulation.bridges[1].isStopping = true
    simulation.run(forMs: 20_000)
    #expect(simulation.bridges[1].lanes.isEmpty)
    #expect(simulation.bridges[2].lanes.count == 20)
    #expect(simulation.faults == [])
  }

  /// Both bridges learn of a move with a beat of their own, and neither waits for a second one.
  @Test(.seeded, arguments: Seed.many(0..<20)) func aPlannedMoveTakesABeat(seed: UInt64) throws {
    let simulation = FleetSimulation(seed: seed, sites: 6)
    for number in 1...2 { simulation.start("b\(number)") }
    simulation.run(forMs: 30_000 + Int64(seed % 20) * 100)
    let site = try #require(simulation.bridges[0].lanes.keys.sorted().first)
    simulation.model.sites[site]?.pinnedTo = "b2"
    // A beat of 2 s, 10 % longer, one look and the stop of a site.
    simulation.run(forMs: 2200 + 250 + 550)
    #expect(simulation.bridges[1].lanes[site] != nil)
    #expect(simulation.faults == [])
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
