/// What came of a message. Each message has exactly one.
package enum FleetOutcome: String, Sendable, CaseIterable {
  /// It is kept, or took away what was kept.
  case taken
  /// The bytes are not what the topic promises.
  case unreadable
  /// Longer than any payload of Andon's on that topic.
  case tooLarge = "too_large"
  /// A bound is reached: sites, alerts of the site, bridges, bytes.
  case overLimit = "over_limit"
  /// None of the topics that the overview reads, or a window that it does not show.
  case ignored
}
