import AndonCore
import AndonService
import Foundation
import Logging
import Mosquitto
import TestSupport

/// One site of a simulated bridge: the shipped lane, store and engine on a disk that fails, in processes that die.
final class SimulatedSite {
  let id: String
  let client: String
  private let settings: Settings
  private let site: SiteSettings
  private let disk: FaultyDisk
  private let broker: BrokerModel
  private let chance: Chance
  private let clock: VirtualClock
  private let board: StatusBoard
  private let trace: (String) -> Void

  private var holder = StoreHolder()
  private var lane: SiteLane
  private var health: SiteHealth
  private var session: SiteLane.Session?
  private var nextAttemptMs: Int64 = 0
  private var cutsPower = false

  /// Event ids by the serial of their message; a message without one must end in the quarantine.
  private var eventIDs: [Int: String] = [:]
  private var payloads: [(bytes: [UInt8], eventID: String)] = []
  /// The same for nonsense, by its text.
  private var nonsense: [Int: String] = [:]
  private var made = 0
  /// The first message after the bridge knew of its session: from there on a loss must be said.
  private var promisedAfter: Int?
  /// The same for what a full queue drops: counting begins with the broker's first word of it.
  private var countedAfter: Int?

  init(
    _ id: String, _ broker: BrokerModel, _ chance: Chance, _ clock: VirtualClock, board: StatusBoard,
    trace: @escaping (String) -> Void
  ) throws {
    self.id = id
    client = "andon-sim-\(id)"
    self.broker = broker
    self.chance = chance
    self.clock = clock
    self.board = board
    self.trace = trace
    disk = try FaultyDisk("sim", isMemory: true)
    let batch = 1 + chance.below(30)
    let yaml = """
      bridge: {id: sim, data_dir: \(disk.folder.path)}
      sites: [{id: \(id), timezone: UTC, limits: {batch_messages: \(batch)}, drift: {window: 5}}]
      """
    settings = try SettingsLoader.parse(yaml: yaml, file: "sim.yaml", environment: [:])
    try EmptyStore.copy(site: id, to: settings.databasePath(site: id))
    site = settings.sites[0]
    health = SiteHealth(nowMs: clock.wallMs)
    lane = try Self.makeLane(settings, site, holder, clock, board)
  }

  private static func makeLane(
    _ settings: Settings, _ site: SiteSettings, _ holder: StoreHolder, _ clock: VirtualClock,
    _ board: StatusBoard
  ) throws -> SiteLane {
    var logger = Logger(label: "sim") { _ in SwiftLogNoOpLogHandler() }
    logger.logLevel = .critical
    return try SiteLane(
      site: site, settings: settings, password: nil, outgoing: Outgoing(wakeup: try Wakeup()), status: board,
      storeHolder: holder, clock: clock.wall, monotonic: clock.monotonic, logger: logger)
  }

  // MARK: Cameras

  /// A new event, an old one once more, or nonsense.
  func publish() {
    let topic = "andon/v1/\(id)/camera/cam-\(chance.below(3))/event"
    let nowMs = clock.wallMs
    switch chance.below(10) {
    case 0 where !payloads.isEmpty:
      let old = payloads[chance.below(payloads.count)]
      let serial = broker.publish(topic, old.bytes, site: client, atMs: nowMs)
      eventIDs[serial] = old.eventID
      trace("\(id) repeats as \(serial)")
      return
    case 1:
      let text = "{\"nonsense\":\(broker.serial + 1)"
      let serial = broker.publish(topic, Array(text.utf8), site: client, atMs: nowMs)
      nonsense[serial] = text
      trace("\(id) publishes \(serial) nonsense")
      return
    default:
      made += 1
      let eventID = "e\(made)"
      let late = chance.below(4) == 0 ? Int64(chance.below(60_000)) : 0
      let payload = Array(
        TestSite.event(
          nowMs - late, ["working", "idle", "absent"][chance.below(3)], worker: "W\(chance.below(4))",
          confidence: "0.\(50 + chance.below(50))", more: #","event_id":"e\#(made)""#
        ).utf8)
      payloads.append((payload, eventID))
      let serial = broker.publish(topic, payload, site: client, atMs: nowMs)
      eventIDs[serial] = eventID
      trace("\(id) publishes \(serial) \(eventID)")
    }
  }

  // MARK: The bridge's thread

  /// One turn of the lane, or an attempt to connect when it is due, with whatever fault the seed wants.
  func turn() throws {
    if chance.happens(\.diskFails) {
      let answers = FaultyDisk.Answer.allCases
      disk.fail(
        [.write, .sync], atStep: Int64(1 + chance.below(20)), answers[chance.below(answers.count)],
        isTorn: chance.below(2) == 0)
    }
    if chance.happens(\.processDies) {
      cutsPower = false
      disk.stop(atStep: Int64(1 + chance.below(25)))
    } else if chance.happens(\.powerCuts) {
      cutsPower = true
      disk.stop(atStep: Int64(1 + chance.below(25)))
    }
    do {
      if session != nil {
        _ = try lane.step(&session!)
        health = session!.health
        if promisedAfter == nil, session!.turn.engine.progress.sessionSinceMs > 0 {
          promisedAfter = broker.serial
        }
        if countedAfter == nil, session!.turn.engine.progress.brokerDroppedAtMs > 0 {
          countedAfter = broker.serial
        }
      } else if clock.monotonicMs >= nextAttemptMs {
        session = try lane.begin(SimulatedLink(broker, client: client, chance: chance), health: health)
      }
    } catch {
      if let session { health = session.health }
      session = nil
      let wait = chance.withGenerator { lane.recover(from: error, &health, using: &$0) }
      nextAttemptMs = clock.monotonicMs + wait
      trace("\(id) \(health.state) for \(wait) ms: \(error)")
    }
    if disk.isStopped { try die() }
  }

  /// The process (or the machine) is gone and the supervisor starts it again.
  func die() throws {
    trace("\(id) dies\(cutsPower ? " with the power" : "")")
    disk.stop()
    session = nil
    try? holder.store?.close()
    holder = StoreHolder()
    if cutsPower { disk.cutPower(seed: chance.below(2) == 0 ? 0 : chance.number() | 1) }
    cutsPower = false
    disk.restart()
    lane = try Self.makeLane(settings, site, holder, clock, board)
    health = SiteHealth(nowMs: clock.wallMs)
    nextAttemptMs = clock.monotonicMs + 100
  }

  /// From here on the disk is well.
  func mendDisk() throws {
    disk.stop()
    try die()
  }

  /// Nothing waits any more and the site says so.
  var isDone: Bool { health.state == .running && broker.waiting(client) == 0 }
  /// When the next attempt is due, at the earliest.
  var dueInMs: Int64 { session != nil ? 0 : max(0, nextAttemptMs - clock.monotonicMs) }

  // MARK: The promises

  /// Every promise that does not hold, in words.
  func brokenPromises(timesAreComparable: Bool) throws -> [String] {
    guard let store = holder.store else { return ["\(id) has no open store"] }
    var broken: [String] = []
    var rows: [String] = []
    try store.visitEvents(fromMs: .min, toMs: .max) { rows.append($0.event.eventID) }
    let stored = Set(rows)
    let quarantined = Set(
      try store.quarantine(limit: 100_000).map { String(decoding: $0.payload, as: UTF8.self) })

    // P1: what was acknowledged is there, as a row or with its reason.
    for serial in broker.acknowledged[client] ?? [] {
      guard let eventID = eventIDs[serial], !stored.contains(eventID) else { continue }
      if !quarantined.contains(where: { $0.contains("\"\(eventID)\"") }) {
        broken.append("P1 \(id): message \(serial) (\(eventID)) was acknowledged and is not stored")
      }
    }
    // P2: one row each, and nothing that nobody sent.
    if rows.count != stored.count { broken.append("P2 \(id): \(rows.count - stored.count) rows twice") }
    if !stored.isSubset(of: Set(eventIDs.values)) { broken.append("P2 \(id): rows that nobody sent") }
    // P4: the ledger.
    let counters = try store.counters()
    if !counters.isBalanced { broken.append("P4 \(id): \(counters)") }
    if counters.stored + counters.lowConfidence != Int64(rows.count) {
      broken.append("P4 \(id): \(rows.count) rows, \(counters)")
    }
    // P3: drift is a function of the set of events.
    if let session {
      let settings = DetectorSettings(
        low: DriftSettings(site.drift), gatePpm: site.ingest.minConfidencePpm)
      for report in try store.driftReports(settings: settings) {
        if session.turn.engine.detector(report.key) != report.detector {
          broken.append("P3 \(id): drift of \(report.key.cameraID) is not that of its samples")
        }
        let known = try store.episodes(source: report.key.cameraID).filter {
          DriftDetector.rules.contains($0.key.rule) && $0.key.modelVersion == report.key.modelVersion
        }
        if known != report.episodes {
          broken.append("P3 \(id): episodes of \(report.key.cameraID) are not those of its samples")
        }
      }
    }
    // P7: every loss lies in a gap.
    let gaps = try store.gaps(fromMs: .min, toMs: .max).filter(\.cause.mayMissEvents)
    for loss in broker.losses
    where loss.serial > promisedAfter ?? .max && loss.topic.hasPrefix("andon/v1/\(id)/") {
      // Committed before its acknowledgement was lost with the session: nothing is missing.
      if let eventID = eventIDs[loss.serial], stored.contains(eventID) { continue }
      if let text = nonsense[loss.serial], quarantined.contains(text) { continue }
      // By a clock that jumped nobody can tell whether the broker restarted.
      if loss.isOverflow, !timesAreComparable || loss.serial <= countedAfter ?? .max { continue }
      if !gaps.contains(where: { !timesAreComparable || ($0.fromMs <= loss.atMs && loss.atMs <= $0.toMs) }) {
        broken.append("P7 \(id): the loss of message \(loss.serial) at \(loss.atMs) is in none of \(gaps)")
      }
    }
    return broken
  }
}
