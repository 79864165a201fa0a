import NIOCore
import Synchronization

/// Counts connections: `http.max_connections` in all and `http.max_connections_per_client` of one address. A
/// connection beyond that is a spare one: it may request the probes only, so that a supervisor can always
/// learn the state of the bridge.
final class ConnectionLedger: Sendable {
  /// What a connection may be used for.
  enum Place: Sendable {
    case full
    /// For probes only, and why.
    case spare(Reason)
  }

  enum Reason: String, Sendable {
    case client = "client_connections"
    case all = "connections"
  }

  private struct State {
    /// Full connections by address.
    var byClient: [String: Int] = [:]
    var full: [ObjectIdentifier: String] = [:]
    /// Oldest first.
    var spare: [any Channel] = []
  }

  /// The most spare connections; a further one closes the oldest.
  static let spareLimit = 64
  static let spareLife: TimeAmount = .seconds(5)

  private let limit: Int
  private let clientLimit: Int
  private let state = Mutex(State())

  init(limit: Int, perClient: Int) {
    self.limit = limit
    clientLimit = perClient
  }

  /// The number of open connections of each kind.
  var counts: (full: Int, spare: Int) { state.withLock { ($0.full.count, $0.spare.count) } }

  /// Registers a new connection. `leave` must follow when it is closed.
  func enter(_ channel: any Channel, client: String) -> Place {
    let (place, oldest) = state.withLock { state -> (Place, (any Channel)?) in
      let own = state.byClient[client] ?? 0
      if state.full.count < limit, own < clientLimit {
        state.full[ObjectIdentifier(channel)] = client
        state.byClient[client] = own + 1
        return (.full, nil)
      }
      state.spare.append(channel)
      let oldest = state.spare.count > Self.spareLimit ? state.spare.removeFirst() : nil
      return (.spare(own < clientLimit ? .all : .client), oldest)
    }
    oldest?.close(promise: nil)
    return place
  }

  func leave(_ channel: any Channel) {
    state.withLock { state in
      guard let client = state.full.removeValue(forKey: ObjectIdentifier(channel)) else {
        state.spare.removeAll { $0 === channel }
        return
      }
      let left = (state.byClient[client] ?? 1) - 1
      state.byClient[client] = left > 0 ? left : nil
    }
  }
}
