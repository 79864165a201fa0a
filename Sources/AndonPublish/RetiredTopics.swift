import AndonCore
import Foundation
package import Logging
import Mosquitto
import Synchronization

/// Empties the retained topics of sites that left the configuration, even when the broker is unreachable or
/// the bridge restarts meanwhile: until the broker acknowledged all of a site's topics, they are listed in
/// `{data_dir}/retired/{site}.topics`.
package final class RetiredTopics: Sendable {
  private let dataDirectory: String
  private let folder: URL
  private let root: String
  private let publishQueue: PublishQueue
  private let logger: Logger
  /// By site, the topics that the broker has not acknowledged yet.
  private let pending = Mutex<[String: Set<String>]>([:])

  package init(dataDirectory: String, root: String, publishQueue: PublishQueue, logger: Logger) {
    self.dataDirectory = dataDirectory
    folder = URL(fileURLWithPath: dataDirectory).appending(path: "retired")
    self.root = root
    self.publishQueue = publishQueue
    self.logger = logger
    publishQueue.listenToEmptied { [weak self] in self?.emptied($0.topic) }
  }

  /// Continues what an earlier process did not finish. A topic that is published again meanwhile is not
  /// emptied.
  ///
  /// - Parameter sites: the configured ones. The lasting topics of others are emptied: they left the configuration
  ///   while the bridge was stopped.
  package func resume(sites: Set<String> = []) {
    for (site, file) in Self.lists(in: folder) {
      let topics = LastingTopics.read(file).sorted()
      if topics.isEmpty { remove(site) } else { begin(site, topics) }
    }
    for (site, _) in Self.lists(in: OptionalTopics.folder(dataDirectory: dataDirectory))
    where !sites.contains(site) {
      retire(site)
    }
  }

  /// The lists of topics in a folder, with their sites.
  private static func lists(in folder: URL) -> [(site: String, file: URL)] {
    let files =
      (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
    return files.filter { $0.pathExtension == "topics" }.map {
      ($0.deletingPathExtension().lastPathComponent, $0)
    }
  }

  /// The site left the configuration: empties all its retained topics at the broker.
  package func retire(_ site: String) {
    let lasting = OptionalTopics.file(dataDirectory: dataDirectory, site: site)
    let topics = LastingTopics.read(lasting).union(publishQueue.retainedTopics(prefix: "\(root)/\(site)/"))
    guard !topics.isEmpty else { return }
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data(topics.sorted().joined(separator: "\n").utf8).write(to: file(site), options: .atomic)
      try? FileManager.default.removeItem(at: lasting)
    } catch {
      logger.warning(
        "retained topics of a removed site are emptied only while this process runs",
        metadata: ["site": "\(site)", "file": "\(file(site).path)", "error": "\(error)"])
    }
    logger.notice(
      "emptying the retained topics of a removed site",
      metadata: ["site": "\(site)", "topics": "\(topics.count)"])
    begin(site, topics.sorted())
  }

  private func begin(_ site: String, _ topics: [String]) {
    pending.withLock { $0[site] = Set(topics) }
    publishQueue.empty(topics)
  }

  private func emptied(_ topic: String) {
    let done: String? = pending.withLock { pending in
      guard let site = pending.first(where: { $0.value.contains(topic) })?.key else { return nil }
      pending[site]?.remove(topic)
      guard pending[site]?.isEmpty == true else { return nil }
      pending[site] = nil
      return site
    }
    guard let done else { return }
    remove(done)
    logger.notice("a removed site left nothing retained", metadata: ["site": "\(done)"])
  }

  private func remove(_ site: String) { try? FileManager.default.removeItem(at: file(site)) }

  private func file(_ site: String) -> URL { folder.appending(path: "\(site).topics") }
}
