/// Finds the publication for which a broker closes the connection, as a value.
///
/// Brokers may say no with a DISCONNECT (0x95 for a packet that is too large), or by closing without a word, and
/// either way do not name what they mean. So all topics that were unacknowledged then are suspects: over the
/// next connections each is sent by itself, after everything else. What is acknowledged is cleared; what
/// ends the connection while it is alone on the wire is guilty.
///
/// A closing without a word may as well be the network's: it counts only after three short connections in a row,
/// and only the third one for the same topic convicts.
struct SuspectTopics: Sendable, Equatable {
  private(set) var topics: Set<String> = []
  private var strikes: [String: Int] = [:]
  /// Short connections in a row that ended without a reason while something was unacknowledged.
  private var silentEnds = 0
  static let silentLimit = 3
  /// A connection that lives longer was not ended by what was just sent.
  static let shortMs: Int64 = 60_000

  func contains(_ topic: String) -> Bool { !topics.isEmpty && topics.contains(topic) }

  /// The broker took something on that topic.
  mutating func clear(_ topic: String) {
    guard topics.remove(topic) != nil else { return }
    strikes[topic] = nil
  }

  /// A connection ended. Returns the guilty topic, where there is one.
  ///
  /// - Parameters:
  ///   - unacknowledged: what the broker had not acknowledged.
  ///   - isStated: the broker gave a reason that is about a publication.
  mutating func connectionEnded(
    unacknowledged: [String], isStated: Bool, livedMs: Int64
  ) -> String? {
    guard !unacknowledged.isEmpty else { return nil }
    if isStated {
      silentEnds = 0
    } else {
      silentEnds = livedMs < Self.shortMs ? silentEnds + 1 : 0
      guard silentEnds >= Self.silentLimit else { return nil }
    }
    guard unacknowledged.count == 1, topics.contains(unacknowledged[0]) else {
      topics.formUnion(unacknowledged)
      return nil
    }
    let topic = unacknowledged[0]
    strikes[topic, default: 0] += 1
    guard isStated || strikes[topic, default: 0] >= Self.silentLimit else { return nil }
    clear(topic)
    silentEnds = 0
    return topic
  }
}
