import AndonCore
import Foundation
import Mosquitto

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonPublish
@testable import AndonStore

/// A site, the cycle that publishes it, and what a broker that acknowledges everything would retain.
final class PublishedSite {
  let test: TestSite
  private(set) var queue: PublishQueue
  private(set) var cycle: KPIPublishCycle
  /// By topic; without those that were emptied.
  private(set) var retained: [String: String] = [:]
  private let scalarTags: Bool

  init(_ more: String, scalarTags: Bool = false, optional: OptionalTopics = OptionalTopics()) throws {
    test = try TestSite(more)
    queue = PublishQueue(wakeup: try Wakeup())
    self.scalarTags = scalarTags
    cycle = KPIPublishCycle(
      site: test.site, topics: TopicNames(root: "r"), scalarTags: scalarTags, publishQueue: queue,
      optional: optional)
  }

  /// As after a reload with other keys of the site, or (with a new queue) after a restart.
  func reload(
    _ more: String, optional: OptionalTopics = OptionalTopics(), withNewQueue: Bool = false
  ) throws {
    if withNewQueue { queue = PublishQueue(wakeup: try Wakeup()) }
    let yaml = "sites: [{id: plant-a, timezone: UTC\(more)}]"
    let settings = try SettingsLoader.parse(yaml: yaml, file: "a.yaml", environment: [:])
    cycle = KPIPublishCycle(
      site: settings.sites[0], topics: TopicNames(root: "r"), scalarTags: scalarTags, publishQueue: queue,
      optional: optional)
  }

  func add(_ atMs: Int64, _ kind: String = "working", worker: String = "W1", station: String = "S1") throws {
    test.add(TestSite.event(atMs, kind, worker: worker).replacing("\"S1\"", with: "\"\(station)\""))
    _ = try test.turn.commitAdded()
  }

  /// Publishes until nothing is left. Returns the final records: `line/l1/shift rev`.
  @discardableResult
  func publish(atMs: Int64) throws -> [String] {
    var finals: [String] = []
    for _ in 0..<3 {
      try cycle.publish(test.store, nowMs: atMs)
      finals += drain()
    }
    return finals
  }

  /// Sends what waits; all of it is acknowledged. Returns the final records.
  @discardableResult
  func drain() -> [String] {
    var finals: [String] = []
    while case let items = queue.dequeue(1000), !items.isEmpty {
      for item in items {
        let publication = item.publication
        queue.confirm(item)
        if publication.retain {
          retained[publication.topic] =
            publication.payload.isEmpty ? nil : String(decoding: publication.payload, as: UTF8.self)
        } else if publication.topic.hasPrefix("r/plant-a/kpi_final/") {
          let object = Self.object(publication.payload)
          finals.append("\(publication.topic.dropFirst(20)) \(object["rev"] as? Int ?? -1)")
        }
      }
    }
    return finals
  }

  /// The members of a retained object; empty without one.
  func object(_ topic: String) -> [String: Any] {
    Self.object(Array((retained["r/plant-a/\(topic)"] ?? "").utf8))
  }

  func topics(_ prefix: String) -> [String] {
    retained.keys.filter { $0.hasPrefix("r/plant-a/\(prefix)") }.map { String($0.dropFirst(10)) }.sorted()
  }

  private static func object(_ payload: [UInt8]) -> [String: Any] {
    (try? JSONSerialization.jsonObject(with: Data(payload))) as? [String: Any] ?? [:]
  }
}
