/// Why an event was not accepted, as reject notices and the quarantine name it.
public enum RejectionCode: String, Sendable, CaseIterable {
  /// The bytes are no JSON text.
  case json
  /// Valid JSON, but not a valid event.
  case schema
  /// The timestamp cannot be read.
  case timestamp
  case tooOld = "too_old"
  case tooFuture = "too_future"
  /// The bridge's clock is in doubt and the event's time does not fit it: replay the event once the clock is
  /// right.
  case bridgeClock = "bridge_clock"
  /// An id contradicts the topic.
  case mismatch
  case tooLarge = "too_large"
  /// The site has reached its limit of such names.
  case cardinality
  /// The topic names another site than the one whose subscription matched.
  case unlistedSite = "unlisted_site"
  /// The worker was erased after the event's time.
  case erased
}
