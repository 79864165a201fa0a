import AndonCore
import AndonIngest
import AndonRuntime
import AndonStatus
import AndonStore
import Mosquitto

/// One connection of a site as MQTT sees it: CONNECT, SUBSCRIBE, and what the broker answers. What the
/// answers say of the session goes into the file.
struct BrokerSession {
  /// What the events of one turn come to. A refusal by the broker is thrown instead.
  struct Outcome {
    /// The last of the subscriptions that the site needs was granted.
    var hasSubscribed = false
    /// The connection's end, if it has come to that.
    var end: LostConnection?
  }

  let link: any BrokerConnection
  private let rules: IngestRules
  private let memory: SessionMemory
  private let reporter: SiteStatusReporter
  private let clock: WallClock
  private var subscriptions = SiteSubscriptions()
  /// Why a session that is present may be a new one all the same; nil when it cannot be.
  private var doubt: GapRow.Cause?
  /// Since when the subscriptions stand, epoch milliseconds; nil until then.
  private(set) var subscribedSinceMs: Int64?
  /// When the broker's last message arrived, epoch milliseconds; nil before the first.
  private var lastMessageMs: Int64?

  init(
    _ link: any BrokerConnection, rules: IngestRules, memory: SessionMemory, reporter: SiteStatusReporter,
    clock: WallClock
  ) {
    self.link = link
    self.rules = rules
    self.memory = memory
    self.reporter = reporter
    self.clock = clock
  }

  // MARK: CONNECT

  /// To be called before CONNECT leaves: marks in the file that its answer is outstanding.
  mutating func willConnect(_ pipeline: inout IngestPipeline) throws {
    doubt = memory.doubt(isMarked: try pipeline.recordConnecting())
  }

  /// CONNECT was sent. Only its answer clears the mark in the file.
  func didConnect() { memory.recordConnect() }

  /// CONNECT did not leave, or was refused. An older doubt about the session remains.
  func recordNotConnected(_ pipeline: inout IngestPipeline) throws {
    if doubt == nil { try pipeline.recordNotConnected() }
  }

  // MARK: Events

  /// Applies what the connection reported, in order.
  ///
  /// - Throws: when the broker refuses the connection or a subscription that the site needs, or the store fails.
  mutating func apply(_ events: [ConnectionEvent], _ pipeline: inout IngestPipeline) throws -> Outcome {
    var outcome = Outcome()
    let hasEnded = events.contains { if case .disconnected = $0 { true } else { false } }
    for event in events {
      switch event {
      case .connected(let sessionPresent, let reason):
        guard reason == 0 else {
          try recordNotConnected(&pipeline)
          throw RefusedConnection(reason: reason)
        }
        reporter.report(sessionPresent: sessionPresent)
        try record(sessionPresent: sessionPresent, &pipeline)
        // After the end nothing can be sent, and the reason for the end is the better thing to report.
        if !hasEnded { try subscribe(pipeline) }
      case .subscribed(let packetID, let granted):
        guard let request = subscriptions.dequeue(packetID) else { continue }
        if try apply(granted, of: request, &pipeline) { outcome.hasSubscribed = true }
      case .disconnected(let reason, let text):
        outcome.end = LostConnection(reason: reason, text: text)
        return outcome
      case .published, .log:
        break
      }
    }
    return outcome
  }

  /// CONNACK: what it says of the session goes into the file, or stays in memory while the file cannot be
  /// written.
  private func record(sessionPresent: Bool, _ pipeline: inout IngestPipeline) throws {
    if !sessionPresent { memory.recordLoss() }
    if let cause = sessionPresent ? doubt : .sessionLost { try pipeline.recordSessionMissing(cause) }
    memory.recordAnswer()
  }

  /// SUBACK. Returns true when the last subscription that the site needs is granted as asked.
  private mutating func apply(
    _ granted: [UInt8], of request: SiteSubscriptions.Request, _ pipeline: inout IngestPipeline
  ) throws -> Bool {
    let refusal = request.refusal(granted)
    guard !request.isOptional else {
      reporter.report(brokerCountersRefused: refusal != nil)
      return false
    }
    if let refusal {
      if request.isOfEvents { try pipeline.recordSessionMissing(.subscriptionRefused) }
      throw refusal
    }
    guard subscriptions.isGranted, subscribedSinceMs == nil else { return false }
    reporter.report(gaps: try pipeline.recordSubscribed())
    try pipeline.recordFilters()
    subscribedSinceMs = clock.nowMs
    return true
  }

  // MARK: Contact

  /// A batch has messages of the broker, of any topic.
  mutating func recordMessages() { lastMessageMs = clock.nowMs }

  /// Stores until when the broker was there, for the case that it restarts before the next connection. A file that
  /// cannot be written has an earlier time, with which more is said to be missing, not less.
  func recordEnd(_ end: LostConnection?, _ pipeline: inout IngestPipeline) {
    // The peer closed the connection, so it was there. After a silence the last message tells.
    let untilMs = end?.isClosedByPeer == true ? clock.nowMs : lastMessageMs
    if let untilMs { try? pipeline.recordContact(untilMs: untilMs) }
  }

  // MARK: SUBSCRIBE

  /// One SUBSCRIBE for each kind, because the camera's retained status is wanted and retained events are not.
  private mutating func subscribe(_ pipeline: IngestPipeline) throws {
    let site = rules.siteID
    let stale = try pipeline.staleFilters()
    if !stale.isEmpty { try link.unsubscribe(stale) }
    try subscribe([rules.topics.cameraStatusFilter(site: site)], .always)
    try subscribe(
      [IngestBatch.brokerUptimeTopic, IngestBatch.brokerDroppedTopic], qos: 0, .always, isOptional: true)
    try subscribe([rules.topics.commandFilter(site: site)], .never)
    // Events come from our own topic and from those of the mappings.
    try subscribe(
      [rules.topics.eventFilter(site: site)] + rules.mappings.filters, .never, isOfEvents: true)
  }

  private mutating func subscribe(
    _ filters: [String], qos: UInt8 = 1, _ handling: RetainHandling, isOptional: Bool = false,
    isOfEvents: Bool = false
  ) throws {
    let packetID = try link.subscribe(filters, qos: Int32(qos), retainHandling: handling)
    subscriptions.record(
      .init(filters: filters, qos: qos, isOptional: isOptional, isOfEvents: isOfEvents), packetID: packetID)
  }
}
