package import AndonStore

/// What happened to a site's session with the broker, or to the bridge's clock, between batches.
package enum SessionChange: Sendable {
  /// CONNECT is about to leave.
  case connecting
  /// CONNECT did not leave, or was refused: the broker made no session.
  case notConnected
  /// The broker made a new session, may have, or does not keep what the site is to read.
  case missing(GapRow.Cause)
  /// The broker granted the subscriptions: from here on it keeps what comes. Epoch milliseconds.
  case subscribed(atMs: Int64)
  /// The connection ended, or the loop that served it; until this moment the broker was there. Epoch milliseconds.
  case contactEnded(atMs: Int64)
  /// The bridge's clock stepped, while it ran or between two runs. Epoch milliseconds.
  case clockStepped(fromMs: Int64, toMs: Int64)
}
