import AndonCentral
import AndonRuntime
import Foundation
import Postgres
import Synchronization

/// A bridge of the benchmark: a membership on a thread, whose lanes start and stop in no time.
final class BenchFleetBridge: Sendable {
  let name: String
  private let server: PostgresSettings
  private let isStopping = Atomic(false)
  private let counted = Atomic(0)

  init(_ name: String, _ server: PostgresSettings) { (self.name, self.server) = (name, server) }

  /// Statements so far.
  var statements: Int { counted.load(ordering: .relaxed) }

  func start() { Thread { self.run() }.start() }

  /// Without a word to the others.
  func stop() { isStopping.store(true, ordering: .relaxed) }

  private func run() {
    let settings = FleetSettings(bridge: name, version: "bench")
    let membership = FleetMembership(settings, place: server.place) { () throws(CentralError) in
      CountedFleetLink(try FleetSession(self.server, settings)) { self.counted.add(1, ordering: .relaxed) }
    }
    var facts = FleetFacts()
    facts.hasBroker = true
    while !isStopping.load(ordering: .relaxed) {
      let orders = membership.step(facts)
      if !orders.giveUp.isEmpty { membership.release(orders.giveUp) }
      while !isStopping.load(ordering: .relaxed), MonotonicClock.system.nowMs < orders.nextStepMs {
        usleep(10_000)
      }
    }
  }
}
