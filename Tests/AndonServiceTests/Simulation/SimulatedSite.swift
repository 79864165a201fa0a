import AndonCore
import Foundation
import Logging
import Mosquitto
import Synchronization
import TestSupport

@testable import AndonBridge
@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonPublish
@testable import AndonStatus
@testable import AndonStore

/// One site of a simulated bridge: the production ingest loop, store and engine on a faulty disk, in
/// processes that die.
final class SimulatedSite {
  let id: String
  let client: String
  /// Distinguishes bridges that use the same client id.
  private let owner: String
  let cameras: SimulatedCameras
  private let poster = SimulatedPoster()
  private(set) var configuration: SimulatedSettings
  private(set) var settings: Settings
  private let disk: FaultyDisk
  let broker: BrokerModel
  private let chance: Chance
  private let clock: VirtualClock
  private let board: StatusBoard
  private let trace: (String) -> Void

  private(set) var holder = StoreReference()
  private var ingestLoop: SiteIngestLoop
  private(set) var health: SiteHealth
  private(set) var session: IngestSession?
  private var nextAttemptMs: Int64 = 0
  private var cutsPower = false
  /// The faults have ended, and what was sent is to be stored.
  private var isMended = false
  /// The site is not in the configuration until then.
  private var awayUntilMs: Int64?
  /// A mapping was removed from the configuration: its messages then belong to no site.
  private(set) var wasUnmapped = false
  /// Changes the file between two lives of the process.
  var betweenLives: ((_ path: String) throws -> Void)?

  /// All event ids that have been in the file.
  private(set) var everStored: Set<String> = []
  /// The reasons of stops that were answered with `ok`.
  private(set) var answeredReasons: [(workstation: String, comment: String)] = []
  /// Errors found during the run, as messages.
  private(set) var broken: [String] = []
  /// The first message after the bridge knew its session: a later loss must be reported.
  private(set) var promisedAfter: Int?
  /// The same for messages dropped from a full queue: counting begins with the broker's first `$SYS` value.
  private(set) var countedAfter: Int?

  var site: SiteSettings { settings.sites[0] }
  var path: String { settings.databasePath(site: id) }

  /// - Parameters:
  ///    - cameras: The cameras of another bridge with the same client id; nil for its own.
  init(
    _ id: String, _ broker: BrokerModel, _ chance: Chance, _ clock: VirtualClock, board: StatusBoard,
    cameras: SimulatedCameras? = nil, owner: String? = nil, trace: @escaping (String) -> Void
  ) throws {
    self.id = id
    client = "andon-sim-\(id)"
    self.owner = owner ?? client
    self.broker = broker
    self.chance = chance
    self.clock = clock
    self.board = board
    self.trace = trace
    self.cameras = cameras ?? SimulatedCameras(id, client, broker, chance, clock, trace: trace)
    disk = try FaultyDisk("sim", isMemory: true)
    configuration = SimulatedSettings(id, folder: disk.folder.path, chance: chance)
    settings = try configuration.loaded()
    try EmptyStore.copy(site: id, to: settings.databasePath(site: id))
    health = SiteHealth(nowMs: clock.wallMs)
    ingestLoop = try Self.makeIngestLoop(settings, holder, clock, board)
  }

  /// From now on the file has a log for the central history; call it before the first turn.
  func switchLogOn(limitBytes: Int64) throws {
    let store = try SiteStore.openForWriting(path: path, siteID: id, clock: clock.wall)
    try store.setLog(ShipSelection(events: true, scopes: [.site]), limitBytes: limitBytes)
    try store.close()
  }

  private static func makeIngestLoop(
    _ settings: Settings, _ holder: StoreReference, _ clock: VirtualClock, _ board: StatusBoard
  ) throws -> SiteIngestLoop {
    var logger = Logger(label: "sim") { _ in SwiftLogNoOpLogHandler() }
    logger.logLevel = .critical
    var parts = IngestLoopParts(
      publishQueue: PublishQueue(wakeup: try Wakeup()), status: board, storeReference: holder,
      requests: try SiteCommandQueue(), clock: clock.wall, logger: logger)
    parts.monotonic = clock.monotonic
    return SiteIngestLoop(site: settings.sites[0], settings: settings, password: nil, parts)
  }

  /// Lets the cameras publish and prepares the events to be posted.
  func publish() {
    cameras.publish(isMapped: configuration.isMapped)
    guard chance.below(6) == 0 else { return }
    poster.add(camera: "cam-\(chance.below(3))", chance: chance) { cameras.event(id: $0) }
  }

  // MARK: The bridge's thread

  /// One step of the ingest loop, or an attempt to connect when it is due, with the faults that the seed
  /// chooses.
  func turn() throws {
    if let until = awayUntilMs {
      guard clock.monotonicMs >= until else { return }
      awayUntilMs = nil
    }
    breakSomething()
    poster.post(to: ingestLoop.httpQueue, chance: chance)
    if chance.happens(\.posterGivesUp) { poster.loseHeart() }
    do {
      if session != nil {
        try step()
      } else if clock.monotonicMs >= nextAttemptMs {
        let link = SimulatedLink(broker, client: client, owner: owner, chance: chance)
        link.meanwhile = { [unowned self] in passTime() }
        session = try ingestLoop.begin(link, health: health)
        // So few cameras never send so much that a commit would wait.
        session?.linger = CommitLinger(limitMs: Int64(5 * chance.below(3)), quietRate: 0)
      } else {
        ingestLoop.serveQueues(ingestLoop.makePublisher())
      }
    } catch {
      if let session { health = session.health }
      session = nil
      let wait = chance.withGenerator { ingestLoop.recover(from: error, &health, using: &$0) }
      nextAttemptMs = clock.monotonicMs + wait
      trace("\(id) \(health.state) for \(wait) ms: \(error)")
    }
    keepHouse()
    if chance.happens(\.opensTwice) { openTwice() }
    // The process dies between commit and answer, or the answers arrive.
    if chance.happens(\.answersLost) { disk.stop() } else { poster.takeAnswers() }
    if disk.isStopped { return try die() }
    if chance.happens(\.reloads) { try reload() }
  }

  /// The ingest loop waits for more messages.
  private func passTime() {
    clock.advance(milliseconds: Int64(1 + chance.below(4)))
    if !isMended, chance.below(2) == 0 { publish() }
  }

  private func step() throws {
    _ = try ingestLoop.step(&session!)
    health = session!.health
    if chance.below(5) == 0 { try tellStops() }
    if chance.below(8) == 0 { try giveReason() }
    if (session!.broker.link as? SimulatedLink)?.hasToldRefusal == true {
      broken.append("\(id) goes on although the broker grants less than it asked for")
    }
    if promisedAfter == nil, session!.pipeline.engine.progress.sessionSinceMs != nil {
      promisedAfter = broker.serial
    }
    if countedAfter == nil, session!.pipeline.engine.progress.brokerDroppedAtMs != nil {
      countedAfter = broker.serial
    }
  }

  // MARK: Stops

  /// What the service of stops does once a second.
  func tellStops() throws {
    guard let store = holder.store else { return }
    let reading = try LiveStops(site: site).read(store, nowMs: clock.wallMs)
    let finding = StopFinding(
      fromMs: reading.fromMs, records: reading.parts.map { StopRecord($0, of: site) })
    _ = try session?.pipeline.perform(.init(work: .stops(finding)) { _ in })
  }

  /// Somebody says why a workstation stands; what was answered with `ok` must not be lost.
  private func giveReason() throws {
    let (workstation, comment) = ("S1", "c\(chance.number())")
    let command = StopCommand(
      target: .workstation(workstation), reasonID: ["material", "setup", "none"][chance.below(3)],
      comment: comment, by: "sim")
    let answer = Mutex<CommandResult?>(nil)
    _ = try session?.pipeline.perform(
      .init(work: .stop(command)) { result in answer.withLock { $0 = result } })
    // Taking away what was not given changes nothing, and needs no row.
    if command.reasonID != "none", let result = answer.withLock({ $0 }), result.isOK {
      answeredReasons.append((workstation, comment))
    }
  }

  private func breakSomething() {
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
  }

  /// The work of the maintenance service, repeated later when the disk refuses it.
  private func keepHouse() {
    guard chance.happens(\.housekeeps), let store = holder.store else { return }
    let timeoutMs = site.ingest.stateTimeoutMs
    do {
      _ = try store.recomputeStaleBucket(timeoutMs: timeoutMs)
      _ = try store.compactBucket(
        before: clock.wallMs - Int64(chance.below(3)) * 900_000, timeoutMs: timeoutMs)
      _ = try store.prune(before: SummaryBucket.start(of: clock.wallMs - site.retention.eventsMs))
    } catch { trace("\(id) keeps no house: \(error)") }
  }

  /// A second process with the same file: the lock refuses it.
  private func openTwice() {
    guard holder.store != nil else { return }
    do {
      try SiteStore.openForWriting(path: path, siteID: id, clock: clock.wall).close()
      broken.append("\(id): two processes had the file")
    } catch StoreError.lockedByAnother {
    } catch { broken.append("\(id): a second process was told: \(error)") }
  }

  // MARK: Lifetimes

  /// The process or the machine dies, and the supervisor starts it again.
  func die() throws {
    trace("\(id) dies\(cutsPower ? " with the power" : "")")
    poster.loseAnswers()
    disk.stop()
    session = nil
    rememberRows()
    try? holder.store?.close()
    holder = StoreReference()
    if cutsPower { disk.cutPower(seed: chance.below(2) == 0 ? 0 : chance.number() | 1) }
    cutsPower = false
    disk.restart()
    try betweenLives?(path)
    ingestLoop = try Self.makeIngestLoop(settings, holder, clock, board)
    health = SiteHealth(nowMs: clock.wallMs)
    nextAttemptMs = clock.monotonicMs + 100
  }

  /// Changes the configuration within the same process; sometimes without this site for a while.
  private func reload() throws {
    let wasMapped = configuration.isMapped
    configuration.change(chance)
    if wasMapped, !configuration.isMapped { wasUnmapped = true }
    settings = try configuration.loaded()
    trace("\(id) has another configuration")
    try stop()
    ingestLoop = try Self.makeIngestLoop(settings, holder, clock, board)
    health = SiteHealth(nowMs: clock.wallMs)
    nextAttemptMs = clock.monotonicMs
    if chance.below(4) == 0 { awayUntilMs = clock.monotonicMs + Int64(chance.below(20_000)) }
  }

  /// Ends the ingest loop as on request: the session stays at the broker.
  func stop() throws {
    if var session { ingestLoop.end(&session) }
    session = nil
    ingestLoop.httpQueue.close()
    poster.takeAnswers()
    rememberRows()
    try? holder.store?.close()
    holder = StoreReference()
  }

  /// From now on the disk has no faults.
  func mendDisk() throws {
    isMended = true
    awayUntilMs = nil
    disk.stop()
    try die()
  }

  /// Opens the file of a site that is not running, for reading.
  func openFile() throws {
    holder.store = try SiteStore.openForWriting(path: path, siteID: id, clock: clock.wall)
  }

  /// A commit that returned is on disk: a row that can be read here must stay readable.
  private func rememberRows() {
    guard let store = holder.store else { return }
    try? store.visitEvents(fromMs: .min, toMs: .max) { everStored.insert($0.event.eventID) }
  }

  /// No message is waiting, the broker's count of drops can be judged, and the site reports that it runs.
  var isDone: Bool {
    let isUptimeDue = (session?.broker.link as? SimulatedLink)?.isUptimeDue ?? false
    return health.state == .running && broker.waiting(client) == 0 && poster.isDone && !isUptimeDue
  }
  /// The time until the next attempt, in milliseconds.
  var dueInMs: Int64 { session != nil ? 0 : max(0, nextAttemptMs - clock.monotonicMs) }
  var acknowledged: Set<Int> { broker.acknowledged[owner] ?? [] }
  var losses: [BrokerModel.Loss] { broker.losses }
  var nowMs: Int64 { clock.wallMs }

  var posted: SimulatedPoster { poster }
}
