import Mosquitto
import Synchronization

/// The fleet, shared by the threads of the brokers and the listener.
package final class FleetBoard: Sendable {
  private let fleet: Mutex<Fleet>

  package init(_ fleet: Fleet) { self.fleet = Mutex(fleet) }

  /// Reads or changes the fleet; others wait meanwhile.
  package func withFleet<Result: Sendable>(_ body: (inout sending Fleet) -> sending Result) -> sending Result
  {
    fleet.withLock { body(&$0) }
  }

  /// Applies a batch of one broker. Returns whether it had retained messages, and the answers to commands with the sites
  /// that gave them.
  func apply(_ batch: MessageBatch, broker: Int, nowMs: Int64) -> (
    hasRetained: Bool, answers: [Fleet.SiteAnswer]
  ) {
    fleet.withLock { fleet in
      var hasRetained = false
      batch.visit { topic, _, payload, message in
        if message.isRetained { hasRetained = true }
        fleet.apply(
          broker: broker, topic: topic, payload: payload, isRetained: message.isRetained, nowMs: nowMs)
      }
      return (hasRetained, fleet.takeAnswers())
    }
  }
}
