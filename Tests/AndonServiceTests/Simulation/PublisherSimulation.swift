import Foundation
import Logging
import Mosquitto
import TestSupport

@testable import AndonPublish
@testable import AndonStatus
@testable import AndonStore

/// The production outbox and publisher under one seed, with a broker that refuses single packets, breaks
/// connections, loses acknowledgements and gives the client id to others. First all faults occur, then only
/// the refusals remain; then every property is checked.
final class PublisherSimulation {
  private struct Row: Hashable {
    var topic: String
    var revision: Int
  }

  private static let topics = (0..<6).map { "r/plant-a/alert_event/drift/cam-\($0)" }
  private static let retained = (0..<5).map { "r/plant-a/kpi/worker/W\($0)/hour" }
  /// The limit, in virtual milliseconds after the faults end, for publishing all that is not refused. If a
  /// topic was held because of a network fault, the limit begins after the time for which it is held.
  private static let limitMs: Int64 = 120_000

  private let chance: Chance
  private let clock = VirtualClock(startMs: TestSite.nowMs)
  private let disk: FaultyDisk
  private let store: SiteStore
  private let broker = PublishBroker()
  private let publishQueue: PublishQueue
  private let loop: PublishLoop
  private let relay = OutboxRelay()
  private var link: PublishLinkModel?
  private var nextAttemptMs: Int64 = 0
  private var isFaulty = true
  private var rows: [Row] = []
  private var values: [String: [UInt8]] = [:]
  private var revision = 0
  private var refusedTopics: [String: PublishBroker.Refusal] = [:]
  private var sizeLimit = Int.max
  private var sizeRefusal = PublishBroker.Refusal.library(mosquittoCode: 25)
  private var history: [String] = []
  /// A full queue is slow to simulate, so few runs have one.
  private var floodsLeft = 0
  /// When the faults end, a topic is held because of a network fault.
  private var holdsAnInnocent = false

  init(seed: UInt64) throws {
    chance = Chance(seed: seed)
    disk = try FaultyDisk("pub", isMemory: true)
    let path = disk.folder.appending(path: "plant-a.sqlite").path
    try EmptyStore.copy(site: "plant-a", to: path)
    store = try SiteStore.openForWriting(path: path, siteID: "plant-a", clock: clock.wall)
    publishQueue = PublishQueue(wakeup: try Wakeup())
    var logger = Logger(label: "sim") { _ in SwiftLogNoOpLogHandler() }
    logger.logLevel = .critical
    loop = PublishLoop(
      publishQueue: publishQueue, availabilityTopic: "r/_bridge/b/availability", address: "sim:1883",
      monotonic: clock.monotonic, logger: logger)
    chooseRefusals()
    if chance.below(20) == 0 { floodsLeft = 1 }
  }

  var trace: String { history.joined(separator: "\n") }

  // MARK: Refusals of the broker

  private func chooseRefusals() {
    for topic in Self.topics + Self.retained where chance.below(5) == 0 {
      let kinds: [PublishBroker.Refusal] = [
        .library(mosquittoCode: 18), .library(mosquittoCode: 24), .library(mosquittoCode: 3),
        .acknowledgement(reason: 0x87), .acknowledgement(reason: 0x97), .disconnect(reason: 0x99), .silence,
      ]
      refusedTopics[topic] = kinds[chance.below(kinds.count)]
    }
    if chance.below(2) == 0 {
      sizeLimit = 400
      sizeRefusal = chance.below(2) == 0 ? .library(mosquittoCode: 25) : .disconnect(reason: 0x95)
    }
    broker.refuses = { [unowned self] publication in
      publication.packetBytes > sizeLimit ? sizeRefusal : refusedTopics[publication.topic]
    }
  }

  private func publication(_ topic: String, _ payload: [UInt8]) -> Publication {
    .json(topic, payload, schema: "alert/1", retain: false, expirySeconds: 60)
  }

  // MARK: Producers

  private func produce() throws {
    for _ in 0..<chance.below(4) {
      revision += 1
      let row = Row(topic: Self.topics[chance.below(Self.topics.count)], revision: revision)
      let padding = String(repeating: "x", count: chance.below(6) == 0 ? 400 : chance.below(40))
      let payload = Array("\(revision) \(padding)".utf8)
      _ = try store.commit {
        try $0.enqueue(topic: row.topic, payload: payload, schema: "alert/1", expirySeconds: 60)
      }
      rows.append(row)
      relay.record(newRows: 1)
    }
    if chance.below(2) == 0 {
      let topic = Self.retained[chance.below(Self.retained.count)]
      revision += 1
      values[topic] = Array("\(revision)".utf8)
      publishQueue.set(.kpi(topic, values[topic] ?? []))
    }
    if floodsLeft > 0, chance.below(40) == 0 {
      floodsLeft -= 1
      history.append("\(clock.monotonicMs) a flood fills the queue")
      for _ in 0..<PublishQueue.queueLimit {
        publishQueue.enqueue(.reject("r/plant-a/camera/c/reject", [123, 125]))
      }
    }
  }

  // MARK: One step

  private func turn() throws {
    try relay.relay(store, to: publishQueue, nowMs: clock.monotonicMs)
    if isFaulty, link != nil {
      if chance.below(60) == 0 { broker.drop() }
      if chance.below(200) == 0 { broker.takeOver() }
    }
    do {
      if link == nil {
        guard clock.monotonicMs >= nextAttemptMs else { return }
        // Near the last packet id, so that the ids wrap around in every run.
        let fresh = PublishLinkModel(broker, firstMid: Int32(65_535 - chance.below(20)))
        if isFaulty {
          if chance.below(4) == 0 { fresh.breaksAfter = chance.below(30) }
          fresh.losesAnswer = { [unowned self] in isFaulty && chance.below(40) == 0 }
        }
        link = fresh
        try loop.begin(fresh)
      }
      try loop.step()
    } catch {
      link = nil
      let waitMs = chance.withGenerator { loop.lost(error, using: &$0) }
      nextAttemptMs = clock.monotonicMs + waitMs
      history.append("\(clock.monotonicMs) lost: \(error), again in \(waitMs)")
    }
  }

  // MARK: The run

  /// The properties that did not hold; empty when all did.
  func run() throws -> [String] {
    for _ in 0..<60 + chance.below(100) {
      clock.advance(milliseconds: Int64(20 + chance.below(1500)))
      try produce()
      for _ in 0..<3 { try turn() }
    }
    isFaulty = false
    floodsLeft = 0
    holdsAnInnocent = (Self.topics + Self.retained).contains {
      refusedTopics[$0] == nil && publishQueue.refusals.reason(of: $0) == PublishRefusal.closesConnection
    }
    let endMs = clock.monotonicMs
    // A takeover keeps the bridge away for up to ten minutes, even if messages are due.
    let quietFromMs = max(endMs, nextAttemptMs)
    var doneMs: Int64?
    while clock.monotonicMs < quietFromMs + Self.limitMs + RefusalMemory.lengthMs {
      clock.advance(milliseconds: 1000)
      try turn()
      if staleTopics.isEmpty, try openRows().isEmpty {
        doneMs = clock.monotonicMs
        break
      }
    }
    return try broken(doneAfterMs: doneMs.map { $0 - quietFromMs })
  }

  /// Rows that the broker does not refuse and that are still in the table.
  private func openRows() throws -> [OutboxRow] {
    try store.outbox(after: 0, limit: 100_000).filter {
      broker.refuses(publication($0.topic, $0.payload)) == nil
    }
  }

  /// Retained topics that are not refused and do not show the newest value.
  private var staleTopics: [String] {
    values.filter { broker.refuses(.kpi($0, $1)) == nil && broker.retained[$0] != $1 }.keys.sorted()
  }

  private func broken(doneAfterMs: Int64?) throws -> [String] {
    var broken: [String] = []
    let open = try openRows()
    if !open.isEmpty {
      broken.append("late or lost: \(open.count) rows that nothing refuses, e.g. \(open[0].topic)")
    }
    if let doneAfterMs, doneAfterMs > Self.limitMs, !holdsAnInnocent {
      broken.append("late: \(doneAfterMs) ms after the last fault")
    }
    broken += try rowsThatVanished()
    for topic in Self.topics where refusedTopics[topic] == nil {
      let order = firstDeliveries(on: topic)
      // A row that is too large is set aside alone. After an uncertain fault a row may be sent late: `rev`
      // gives the order.
      if sizeLimit == .max, refusedTopics.isEmpty, order != order.sorted() {
        broken.append("order lost on \(topic): \(order)")
      }
    }
    broken += staleTopics.map { "\($0) shows an old value" }
    return broken
  }

  /// A row is in the table, and named when it is refused, or it was delivered.
  private func rowsThatVanished() throws -> [String] {
    let left = try store.outbox(after: 0, limit: 100_000)
    let kept = Set(left.compactMap { Self.revision($0.payload) })
    let delivered = Set(broker.received.compactMap { Self.revision($0.payload) })
    var broken = rows.filter { !kept.contains($0.revision) && !delivered.contains($0.revision) }
      .map { "rev \($0.revision) of \($0.topic) vanished" }
    if !left.isEmpty, relay.firstRefusal == nil {
      broken.append("\(left.count) rows wait and nobody says why")
    }
    return broken
  }

  private static func revision(_ payload: [UInt8]) -> Int? {
    Int(String(decoding: payload.prefix { $0 != 32 }, as: UTF8.self))
  }

  private func firstDeliveries(on topic: String) -> [Int] {
    var seen: Set<Int> = []
    return broker.received.filter { $0.topic == topic }.compactMap { Self.revision($0.payload) }
      .filter { seen.insert($0).inserted }
  }
}
