import AndonCore
import Foundation
package import Logging
import Mosquitto
import Synchronization

/// Empties the retained topics of sites that left the configuration, even when the broker is unreachable or
/// the bridge restarts meanwhile: until the broker acknowledged all of a site's topics, they are listed in
/// `{data_dir}/retired/{site}.topics`.
package final class RetiredTopics: Sendable {
  private let folder: URL
  private let root: String
  private let publishQueue: PublishQueue
  private let logger: Logger
  /// By site, the topics that the broker has not acknowledged yet.
  private let pending = Mutex<[String: Set<String>]>([:])

  package init(dataDirectory: String, root: String, publishQueue: PublishQueue, logger: Logger) {
    folder = URL(fileURLWithPath: dataDirectory).appending(path: "retired")
    self.root = root
    self.publishQueue = publishQueue
    self.logger = logger
    publishQueue.listenToEmptied { [weak self] in self?.emptied($0.topic) }
  }

  /// Continues what an earlier process did not finish. A topic that is published again meanwhile is not
  /// emptied.
  package func resume() {
    let files =
      (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
    for file in files where file.pathExtension == "topics" {
      let site = file.deletingPathExtension().lastPathComponent
      guard let text = try? String(contentsOf: file, encoding: .utf8) else { continue }
      let topics = text.split(separator: "\n").map(String.init).filter { $0.hasPrefix("\(root)/\(site)/") }
      if topics.isEmpty { remove(site) } else { begin(site, topics) }
    }
  }

  /// The site left the configuration: empties all its retained topics at the broker.
  package func retire(_ site: String) {
    let topics = publishQueue.retainedTopics(prefix: "\(root)/\(site)/")
    guard !topics.isEmpty else { return }
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data(topics.sorted().joined(separator: "\n").utf8).write(to: file(site), options: .atomic)
    } catch {
      logger.warning(
        "retained topics of a removed site are emptied only while this process runs",
        metadata: ["site": "\(site)", "file": "\(file(site).path)", "error": "\(error)"])
    }
    logger.notice(
      "emptying the retained topics of a removed site",
      metadata: ["site": "\(site)", "topics": "\(topics.count)"])
    begin(site, topics)
  }

  private func begin(_ site: String, _ topics: [String]) {
    pending.withLock { $0[site] = Set(topics) }
    publishQueue.empty(topics)
  }

  private func emptied(_ topic: String) {
    guard topic.hasPrefix(root + "/"), let site = topic.dropFirst(root.count + 1).split(separator: "/").first
    else { return }
    let isDone = pending.withLock { pending in
      guard pending[String(site)]?.remove(topic) != nil, pending[String(site)]?.isEmpty == true else {
        return false
      }
      pending[String(site)] = nil
      return true
    }
    guard isDone else { return }
    remove(String(site))
    logger.notice("a removed site left nothing retained", metadata: ["site": "\(site)"])
  }

  private func remove(_ site: String) { try? FileManager.default.removeItem(at: file(site)) }

  private func file(_ site: String) -> URL { folder.appending(path: "\(site).topics") }
}
