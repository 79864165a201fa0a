/// Finds the publication for which a broker closes the connection.
///
/// A broker may refuse a publication with a DISCONNECT (0x95 for a packet that is too large) or by closing
/// without a reason; in both cases it does not name the publication. So all topics that were unacknowledged
/// then are suspects: over the next connections each is sent by itself, after everything else. An
/// acknowledged topic is cleared; a topic that was alone when the connection ended is guilty.
///
/// A close without a reason may also be the network's: it counts only after three short connections in a row,
/// and only the third one with the same topic convicts.
struct SuspectTopics: Sendable, Equatable {
  private(set) var topics: Set<String> = []
  private var strikes: [String: Int] = [:]
  /// Short connections in a row that ended without a reason while something was unacknowledged.
  private var silentEnds = 0
  static let silentLimit = 3
  /// The last publications did not end a connection that lived longer than this.
  static let shortMs: Int64 = 60_000

  func contains(_ topic: String) -> Bool { !topics.isEmpty && topics.contains(topic) }

  /// The broker acknowledged a publication on this topic.
  mutating func clear(_ topic: String) {
    guard topics.remove(topic) != nil else { return }
    strikes[topic] = nil
  }

  /// A connection ended. Returns the guilty topic, if it is found.
  ///
  /// - Parameters:
  ///   - unacknowledged: the topics of unacknowledged publications.
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
