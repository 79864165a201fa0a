/// How the connection to one broker is.
package struct BrokerState: Sendable, Equatable {
  package let name: String
  package var isConnected = false
  /// What the broker keeps has come, as far as its silence tells.
  package var isComplete = false
  /// It brought far fewer sites than the connection before.
  var isDoubtful = false
  /// Why there is no connection, or what of it is refused, with what to do.
  package var trouble: String?
  /// Grows with each connection.
  package var generation = 0
  /// Since when it is as it is, epoch milliseconds.
  package var sinceMs: Int64 = 0

  package init(name: String) { self.name = name }
}
