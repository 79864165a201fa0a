/// The progress of a site's file, stored in the file: one row, updated by every commit.
package struct StoreProgress: Sendable, Hashable {
  /// The number of commits since the file was made.
  package var sequence: Int64 = 0
  /// The bridge's clock at the last commit, epoch milliseconds; 0 before the first.
  package var committedAtMs: Int64 = 0
  /// Since when the broker has kept a session for this file; 0 before the first.
  package var sessionSinceMs: Int64 = 0
  /// While the gap of a lost session is open: when it began; otherwise 0.
  package var lostSinceMs: Int64 = 0
  /// Why that session was lost.
  package var lostCause = GapRow.Cause.sessionLost
  /// The bridge's clock at the last commit of a message from the broker; 0 before the first.
  package var heardAtMs: Int64 = 0
  /// CONNECT was sent and no answer arrived: the broker may have made a new, empty session, and the next
  /// CONNACK would not show it.
  package var isConnecting = false
  /// The broker's count of dropped messages in its last report, and the last time at which that was known to be the
  /// count; 0 and 0 before the first.
  package var brokerDropped: Int64 = 0
  package var brokerDroppedAtMs: Int64 = 0

  /// The newest time of an event that the broker delivered, at most the bridge's clock at that moment; 0
  /// before the first.
  package var newestEventMs: Int64 = 0

  package init() {}

  /// The last moment before which nothing can be missing: a broker delivers in order, so everything published
  /// before an event that arrived has arrived.
  package var lastSafeMs: Int64 { max(newestEventMs, sessionSinceMs) }
}
