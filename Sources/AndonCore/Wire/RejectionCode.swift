/// Why an event was not accepted, as the reject notice and the quarantine name it.
public enum RejectionCode: String, Sendable, CaseIterable {
  /// The bytes are no JSON text.
  case json
  /// JSON, but not the object that was asked for.
  case schema
  /// The timestamp cannot be read.
  case timestamp
  case tooOld = "too_old"
  case tooFuture = "too_future"
  /// The bridge's clock is in doubt, and the event is none of its time: to be judged again when the clock is right.
  case bridgeClock = "bridge_clock"
  /// An id contradicts the topic or a known id.
  case mismatch
  case tooLarge = "too_large"
  /// The site has as many names of that kind as it may.
  case cardinality
  /// The topic names another site than the one whose subscription it came by.
  case unlistedSite = "unlisted_site"
}
