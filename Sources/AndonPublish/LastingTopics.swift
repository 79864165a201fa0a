import Foundation

/// Empties retained topics that the configuration has no longer, also when it changed while the bridge was stopped, or
/// when the broker is unreachable: the list of a site's topics is kept in a file until the broker acknowledged.
///
/// Not `Sendable`: the thread that publishes the figures owns it.
final class LastingTopics {
  private let file: URL?
  private let publishQueue: PublishQueue
  private var current: Set<String> = []
  /// Gone, and not yet empty at the broker.
  private var leaving: Set<String> = []
  private var saved: Set<String>

  /// - Parameter file: nil: nothing is kept.
  init(file: URL?, publishQueue: PublishQueue) {
    (self.file, self.publishQueue) = (file, publishQueue)
    saved = file.map(Self.read) ?? []
  }

  /// The topics in a file; none when there is no such file.
  static func read(_ file: URL) -> Set<String> {
    guard let text = try? String(contentsOf: file, encoding: .utf8) else { return [] }
    return Set(text.split(separator: "\n").map(String.init).filter { !$0.contains("#") && !$0.contains("+") })
  }

  /// Empties what an earlier configuration had and this one has not.
  func begin(_ topics: Set<String>) {
    current = topics
    leaving = saved.subtracting(topics)
    if !leaving.isEmpty { publishQueue.empty(leaving.sorted()) }
    save()
  }

  /// Forgets what is empty at the broker.
  func update() {
    if !leaving.isEmpty { leaving = publishQueue.beingEmptied(leaving) }
    save()
  }

  private func save() {
    let topics = current.union(leaving)
    guard let file, topics != saved else { return }
    do {
      if topics.isEmpty {
        try FileManager.default.removeItem(at: file)
      } else {
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(topics.sorted().joined(separator: "\n").utf8).write(to: file, options: .atomic)
      }
      saved = topics
    } catch {
      // The next cycle tries again. Until then a restart may leave a topic behind.
    }
  }
}
