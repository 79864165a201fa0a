import Mosquitto

/// Errors of broker connections as text for a person: address, reason, what to do.
package enum ConnectionFailure {
  package enum Kind { case takenOver, closed, other }

  package static func kind(_ error: any Error) -> Kind {
    if let lost = error as? LostConnection {
      return lost.isTakeOver ? .takenOver : lost.reason < 0x80 ? .closed : .other
    }
    return (error as? MosquittoError)?.isConnectionLost == true ? .closed : .other
  }

  package static func words(_ error: any Error, address: String) -> String {
    let text = "\(error)"
    let named = text.contains(address) ? text : "\(address): \(text)"
    return advice(error).map { "\(named): \($0)" } ?? named
  }

  private static func advice(_ error: any Error) -> String? {
    if let refused = error as? RefusedConnection {
      return [0x86, 0x87, 0x8A].contains(refused.reason)
        ? "check broker.username, the password and the broker's ACL" : "check the broker's log"
    }
    if let lost = error as? LostConnection {
      return lost.isTakeOver
        ? "give each bridge a bridge.id of its own" : "check the network and the broker's log"
    }
    if error is SilentBroker { return "check the broker's log" }
    return error is MosquittoError ? "check that the broker runs, broker.url and the network" : nil
  }
}
