/// How far a site's file has come, in the file itself: one row, moved by every commit.
package struct StoreProgress: Sendable, Hashable {
  /// Commits since the file was made.
  package var sequence: Int64 = 0
  /// The bridge's clock at the last commit, epoch milliseconds; 0 before the first.
  package var committedAtMs: Int64 = 0
  /// Since when the broker has kept a session for this file; 0 before the first.
  package var sessionSinceMs: Int64 = 0
  /// Not 0 while a lost session's gap waits for its end: when it began.
  package var lostSinceMs: Int64 = 0
  /// Why that session is lost.
  package var lostCause = GapRow.Cause.sessionLost
  /// The bridge's clock at the last commit of something that came from the broker; 0 before the first.
  package var heardAtMs: Int64 = 0
  /// CONNECT was sent and its answer was not heard: the broker may have made a new, empty session meanwhile,
  /// and the next CONNACK would not tell.
  package var isConnecting = false
  /// The broker's count of dropped messages as it was last heard, and when; 0 and 0 before the first.
  package var brokerDropped: Int64 = 0
  package var brokerDroppedAtMs: Int64 = 0

  /// The newest time of an event that the broker delivered, at most the bridge's clock at that moment; 0 before the
  /// first.
  package var newestEventMs: Int64 = 0

  package init() {}

  /// The last moment of which nothing can be missing: a broker delivers in order, so whatever was published
  /// before an event that arrived has arrived.
  package var lastSafeMs: Int64 { max(newestEventMs, sessionSinceMs) }
}
