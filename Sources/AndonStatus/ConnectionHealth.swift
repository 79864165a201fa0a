import AndonRuntime

/// The state of one of the bridge's own connections (publisher, Sparkplug), and how long to wait before the
/// next attempt. Time and random numbers are arguments.
///
/// The waits become short again only after a connection that lived for a minute: two bridges with the same
/// client id, which take the connection from each other, become slower and not faster.
package struct ConnectionHealth: Sendable, Equatable {
  package private(set) var isConnected = false
  /// Why it is not connected, with the broker's address and what to do; nil while it is.
  package private(set) var trouble: String?

  private let address: String
  private var backoff = Backoff()
  private var connectedAtMs: Int64?
  /// Monotonic times of the take-overs in the last minute, and of connections that were closed without a
  /// reason soon after connecting: a take-over by a broker that does not say so, or a bad network.
  private var takeOvers: [Int64] = []
  private var closings: [Int64] = []
  package static let stableAfterMs: Int64 = 60_000

  package init(address: String) { self.address = address }

  /// The broker accepted the connection.
  package mutating func connected(monotonicMs: Int64) {
    (isConnected, trouble, connectedAtMs) = (true, nil, monotonicMs)
  }

  /// The cause of the last end was found and will not be repeated: the next attempt may come soon.
  package mutating func culpritFound() { backoff.reset() }

  /// How long the connection has lasted, milliseconds; 0 without one.
  package func livedMs(monotonicMs: Int64) -> Int64 { connectedAtMs.map { monotonicMs - $0 } ?? 0 }

  /// An attempt failed or the connection ended. Returns how long to wait, milliseconds.
  package mutating func lost(
    _ error: any Error, monotonicMs: Int64, using random: inout some RandomNumberGenerator
  ) -> Int64 {
    let livedMs = connectedAtMs.map { monotonicMs - $0 }
    (isConnected, connectedAtMs) = (false, nil)
    if let livedMs, livedMs >= Self.stableAfterMs { backoff.reset() }
    var words = ConnectionFailure.words(error, address: address)
    switch ConnectionFailure.kind(error) {
    case .takenOver:
      takeOvers = takeOvers.filter { monotonicMs - $0 < SiteHealth.takeOverWindowMs } + [monotonicMs]
      guard takeOvers.count >= SiteHealth.takeOverLimit else { break }
      takeOvers = []
      trouble =
        "\(words) (\(SiteHealth.takeOverLimit) times within a minute: this bridge stays away for 5 to 10 minutes)"
      return Int64.random(in: SiteHealth.takeOverPauseMs...2 * SiteHealth.takeOverPauseMs, using: &random)
    case .closed:
      guard let livedMs, livedMs < Self.stableAfterMs else { break }
      closings = closings.filter { monotonicMs - $0 < SiteHealth.takeOverWindowMs } + [monotonicMs]
      guard closings.count >= SiteHealth.takeOverLimit else { break }
      words +=
        " (several times within a minute, soon after connecting: a bad network, or a second bridge with the "
        + "same bridge.id takes over this client id)"
    case .other: break
    }
    trouble = words
    return backoff.next(using: &random)
  }
}
