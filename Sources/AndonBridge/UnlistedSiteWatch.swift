import AndonConfiguration
import AndonCore
import AndonRuntime
import AndonStatus
import AndonStore
import Logging
import Mosquitto

/// Looks now and then for cameras whose topics name a site that is not configured: their events reach no session, so
/// nothing else would notice them. In the first ten minutes, and in the first hour while some site has received nothing,
/// it looks most of the time: that is when topics are wrong. Also finds cameras whose status is not retained.
///
/// A connection of its own, for some seconds or some thousand messages, with QoS 0: it acknowledges nothing and takes
/// nothing away from the sessions of the sites. Only topics are looked at; payloads are discarded unread.
final class UnlistedSiteWatch: Sendable {
  private let settings: ConnectionSettings
  private let root: String
  private let board: StatusBoard
  private let clock: WallClock
  private let logger: Logger
  private let wakeup: Wakeup
  private let signal: StopSignal
  private let firstMs: Int64
  private let everyMs: Int64

  private static let lookMs = 2000
  private static let longLookMs = 7000
  /// For how long after the start it looks most of the time: always, and where a site has received nothing yet.
  private static let searching = (always: Duration.seconds(600), silent: Duration.seconds(3600))
  private static let answerMs = 10_000
  private static let messageLimit = 5000

  /// - Parameters:
  ///   - firstMs: from the start to the first look.
  ///   - everyMs: from one look to the next.
  /// - Throws: when the process has no descriptor left.
  init(
    settings: Settings, password: String?, board: StatusBoard, clock: WallClock, logger: Logger,
    firstMs: Int64 = 3000, everyMs: Int64 = 600_000
  ) throws {
    wakeup = try Wakeup()
    signal = StopSignal(wakeup: wakeup)
    var connection = ConnectionSettings(
      settings.broker, password: password, clientID: "andon-\(settings.bridge.id).look")
    connection.maximumPacketBytes = 262_144
    self.settings = connection
    root = settings.topics.root
    self.board = board
    self.clock = clock
    self.logger = logger
    (self.firstMs, self.everyMs) = (firstMs, everyMs)
  }

  func stop() { signal.raise() }

  /// Blocks its thread until `stop`.
  func run() {
    signal.pause(milliseconds: firstMs)
    let start = ContinuousClock.now
    while !signal.raised {
      let age = start.duration(to: .now)
      var isSearching = age < (board.hasSilentSite ? Self.searching.silent : Self.searching.always)
      // The publisher reports a broker that cannot be reached.
      do {
        if board.publisher.connection.isConnected {
          let look = try look(milliseconds: isSearching ? Self.longLookMs : Self.lookMs)
          report(look)
          // Where so much is sent, it would be read again and again.
          isSearching = isSearching && look.isWhole
        }
      } catch {
        logger.debug("no look at the topics of other sites", metadata: ["error": "\(error)"])
      }
      signal.pause(milliseconds: isSearching ? min(firstMs, everyMs) : everyMs)
    }
  }

  /// What is published below the root just now. Blocks for about that long.
  ///
  /// - Throws: when the broker cannot be reached, or refuses the subscription.
  func look(milliseconds: Int = lookMs) throws -> UnlistedSites {
    let connection = try Connection(settings)
    defer { connection.disconnect() }
    try connection.connect(wakeup: wakeup) { !signal.raised }
    let batch = MessageBatch()
    var (found, seen) = (UnlistedSites(), 0)
    var end = ContinuousClock.now + .milliseconds(Self.answerMs)
    while !signal.raised, ContinuousClock.now < end, seen < Self.messageLimit {
      try connection.flush()
      connection.wait(milliseconds: 50, wakeup: wakeup)
      if connection.socket != nil { _ = try connection.receive(into: batch, until: .init()) }
      seen += batch.count
      batch.visit { topic, _, payload, message in
        guard topic.utf8.starts(with: "\(root)/".utf8) else { return }
        let levels = topic.dropFirst(root.count + 1).split(separator: "/", omittingEmptySubsequences: false)
        found.record(
          topic: topic, levels: levels, isEmpty: payload.isEmpty, isRetained: message.isRetained)
      }
      batch.removeAll()
      for event in connection.dequeueEvents() {
        switch event {
        case .connected(_, let reason):
          guard reason == 0 else { throw RefusedConnection(reason: reason) }
          // The descriptions are asked for together with the cameras: their retained messages come first.
          let filters = ["\(root)/+/meta/site", "\(root)/+/camera/+/status", "\(root)/+/camera/+/event"]
          try connection.subscribe(filters, qos: 0, retainHandling: .always)
        case .subscribed(_, let granted):
          found.isWhole = granted.allSatisfy { $0 < 0x80 }
          end = .now + .milliseconds(milliseconds)
        case .disconnected(let reason, let text): throw LostConnection(reason: reason, text: text)
        case .published, .log: break
        }
      }
    }
    if seen >= Self.messageLimit || signal.raised { found.isWhole = false }
    return found
  }

  /// Puts into `/status` what a look found, and logs each name once.
  func report(_ look: UnlistedSites) {
    for site in board.snapshot { report(look, site) }
    let listed = board.siteIDs
    for (site, topic) in look.found(listed: listed)
    where board.record(UnlistedSite(siteID: site, topic: topic, firstMs: clock.nowMs, lastMs: clock.nowMs)) {
      let near = Suggestion.nearest(to: site, among: listed.sorted()).map { " (\($0)?)" } ?? ""
      logger.warning(
        "a camera publishes to a site that is not configured: its events are not stored",
        metadata: [
          "site": "\(site)", "topic": "\(topic)",
          "what_to_do":
            "correct the site in the camera's topic\(near), or add \"- {id: \(site), timezone: …}\" to sites",
        ])
    }
  }

  /// Cameras that said that they are there, and whose status the broker does not keep.
  private func report(_ look: UnlistedSites, _ site: SiteStatus) {
    guard look.isWhole else { return }
    let cameras = look.unretained(
      site.cameras.filter { $0.status == .online }.map(\.cameraID), site: site.siteID)
    let words = cameras.isEmpty ? nil : Self.words(cameras)
    guard site.statusWarning != words else { return }
    board.update(site.siteID) { $0.statusWarning = words }
    guard let words else { return }
    logger.warning(
      "a status is not retained",
      metadata: [
        "site": "\(site.siteID)", "warning": "\(words)",
        "topic": "\(root)/\(site.siteID)/camera/\(cameras[0])/status",
      ])
  }

  private static func words(_ cameras: [String]) -> String {
    "\(cameras.count == 1 ? "camera" : "cameras") \(NameList.text(cameras)) published a status that is not retained: after the next "
      + "connect it is not known whether the camera is there; set the retain flag, also of its last will"
  }
}
