/// The progress of a site's file, stored in the file: one row, updated by every commit.
package struct StoreProgress: Sendable, Hashable {
  /// The number of commits since the file was made.
  package var sequence: Int64 = 0
  /// The bridge's clock at the last commit, epoch milliseconds; nil before the first.
  package var committedAtMs: Int64?
  /// Since when the broker has kept a session for this file; nil before the first.
  package var sessionSinceMs: Int64?
  /// While the gap of a lost session is open: when it began.
  package var lostSinceMs: Int64?
  /// Why that session was lost.
  package var lostCause = GapRow.Cause.sessionLost
  /// The bridge's clock at the last commit of a message from the broker; nil before the first.
  package var heardAtMs: Int64?
  /// CONNECT was sent and no answer arrived: the broker may have made a new, empty session, and the next
  /// CONNACK would not show it.
  package var isConnecting = false
  /// The broker's count of dropped messages in its last report, and the last time at which that was known to be the
  /// count; 0 and nil before the first.
  package var brokerDropped: Int64 = 0
  package var brokerDroppedAtMs: Int64?

  /// The newest time of an event that the broker delivered, at most the bridge's clock at that moment; nil
  /// before the first.
  package var newestEventMs: Int64?

  package init() {}

  /// The last moment before which nothing can be missing: a broker delivers in order, so everything published
  /// before an event that arrived has arrived. Nil when there is no such moment yet.
  package var lastSafeMs: Int64? { [newestEventMs, sessionSinceMs].compactMap(\.self).max() }
}
