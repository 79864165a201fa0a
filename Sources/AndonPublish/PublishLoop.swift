package import AndonRuntime
package import AndonStatus
import Foundation
package import Logging
package import Mosquitto

/// The publisher's work, step by step, over any connection. `Publisher` runs it on a thread, a simulation
/// step by step.
///
/// It publishes only while connected (libmosquitto would queue while disconnected, and repeat), and sends its
/// birth and every retained value again after each connect. At most `windowSize` messages are unacknowledged.
/// A publication that the library or the broker refuses does not affect the others: it is counted and logged.
///
/// Not `Sendable`: one thread owns it.
package final class PublishLoop {
  private let publishQueue: PublishQueue
  private let availabilityTopic: String
  private let monotonic: MonotonicClock
  private let logger: Logger
  package private(set) var health: ConnectionHealth
  /// Kept over reconnects.
  private var suspects = SuspectTopics()
  private var memory = RefusalMemory()

  private var link: (any PublishLink)?
  package private(set) var isConnected = false
  private var inFlight: [Int32: PublishQueue.Item] = [:]
  /// Publications of suspect topics, held back until all others are acknowledged.
  private var heldBack: [PublishQueue.Item] = []
  private var heldSinceMs: Int64 = 0
  /// One suspect is being sent by itself.
  private var isAlone = false
  /// One unacknowledged publication with the time since when it is watched: a PUBACK that never comes must
  /// not block it for ever.
  private var watched: (mid: Int32, sinceMs: Int64)?
  private let batch = MessageBatch()
  private let host: DiscoveryHost?
  /// The SUBSCRIBE that the broker has not answered yet.
  private var subscription: Int32?
  /// Connections that ended instead of an answer. A broker may end a connection because of a filter that is not
  /// allowed: figures must not wait for that.
  private var unanswered = 0
  private static let unansweredLimit = 2
  private var isRefusalLogged = false
  /// When the discovery topics are sent again, and when they last were; monotonic milliseconds.
  private var resendAtMs: Int64?
  private var resentMs: Int64 = .min / 2
  /// A client that writes the status topic over and over must not keep the publisher busy.
  private static let resendIntervalMs: Int64 = 5000

  package static let windowSize = 1000
  /// How long suspects wait for others at most, and how many of them.
  private static let holdMs: Int64 = 2000
  private static let holdLimit = 1000
  /// If the broker owes an acknowledgement for this long, the loop reconnects and sends it again.
  package static let silenceLimitMs: Int64 = 60_000

  /// - Parameter host: is listened to for its start; nil: nothing is subscribed to.
  package init(
    publishQueue: PublishQueue, availabilityTopic: String, address: String, host: DiscoveryHost? = nil,
    monotonic: MonotonicClock = .system,
    logger: Logger
  ) {
    self.host = host
    self.publishQueue = publishQueue
    self.availabilityTopic = availabilityTopic
    self.monotonic = monotonic
    self.logger = logger
    health = ConnectionHealth(address: address)
  }

  /// Everything was sent and acknowledged.
  package var isIdle: Bool { publishQueue.isEmpty && inFlight.isEmpty && heldBack.isEmpty }

  // MARK: Connection

  /// Opens the connection. After it threw, call `lost` for the wait. `onWake` is called at each signal of the
  /// wake-up; false gives up.
  package func begin(
    _ link: any PublishLink, wakeup: Wakeup? = nil, onWake: () -> Bool = { true }
  ) throws {
    (self.link, isConnected, isAlone) = (link, false, false)
    try link.connect(wakeup: wakeup, onWake: onWake)
  }

  /// Reads answers and sends what is due.
  package func step(isReadable: Bool = true) throws {
    guard let link else { return }
    if isReadable { _ = try link.receive(into: batch, until: .init()) }
    readHost()
    batch.removeAll()
    for event in link.dequeueEvents() { try apply(event) }
    if isConnected { try send(link) }
    try link.flush()
    try link.keepAlive()
    try watchAnswers()
  }

  /// Sends the discovery topics again when their reader has started.
  private func readHost() {
    guard let host else { return }
    var hasStarted = false
    batch.visit { topic, _, payload, _ in if host.hasStarted(topic, payload) { hasStarted = true } }
    let nowMs = monotonic.nowMs
    if hasStarted, resendAtMs == nil { resendAtMs = max(nowMs, resentMs + Self.resendIntervalMs) }
    guard let dueMs = resendAtMs, nowMs >= dueMs else { return }
    (resendAtMs, resentMs) = (nil, nowMs)
    publishQueue.markDue(prefix: host.devices)
  }

  private func subscribe() throws {
    guard let host, let link, unanswered < Self.unansweredLimit else { return }
    subscription = try link.subscribe(to: host.statusTopic)
  }

  private func logRefusal() {
    guard let host, !isRefusalLogged else { return }
    isRefusalLogged = true
    logger.warning(
      "discovery topics are sent at each connect only, not when their reader has started",
      metadata: [
        "topic": "\(host.statusTopic)", "reason": "the broker refuses the subscription",
        "what_to_do": "allow the bridge to read this topic",
      ])
  }

  private func watchAnswers() throws {
    let nowMs = monotonic.nowMs
    guard let watched, inFlight[watched.mid] != nil else {
      watched = inFlight.keys.first.map { ($0, nowMs) }
      return
    }
    guard nowMs - watched.sinceMs >= Self.silenceLimitMs else { return }
    throw SilentBroker(seconds: Self.silenceLimitMs / 1000)
  }

  private func apply(_ event: ConnectionEvent) throws {
    switch event {
    case .connected(_, let reason):
      guard reason == 0 else { throw RefusedConnection(reason: reason) }
      isConnected = true
      let wasTroubled = health.trouble != nil
      health.connected(monotonicMs: monotonic.nowMs)
      logger.log(level: wasTroubled ? .notice : .info, "publisher connected")
      if let link { try hand(PublishQueue.Item(publication: availability("online")), to: link) }
      try subscribe()
      publishQueue.markAllDue()
    case .disconnected(let reason, let text): throw LostConnection(reason: reason, text: text)
    case .published(let mid, let reason): acknowledged(mid, reason: reason)
    case .subscribed(subscription, let granted):
      (subscription, unanswered) = (nil, 0)
      if granted.contains(where: { $0 >= 0x80 }) { logRefusal() }
    case .subscribed, .log: break
    }
  }

  private func acknowledged(_ mid: Int32, reason: UInt8) {
    guard let item = inFlight.removeValue(forKey: mid) else { return }
    // A refusal clears a topic too: the connection was not closed.
    suspects.clear(item.publication.topic)
    if reason < 0x80 { publishQueue.confirm(item) } else { refuse(item, reason: reason) }
    guard isAlone, inFlight.isEmpty else { return }
    isAlone = false
    publishQueue.putBack(heldBack)
    heldBack = []
  }

  /// The attempt failed or the connection ended: what the broker may not have goes out again over the next
  /// one, in its old order. Returns how long to wait, milliseconds.
  package func lost(_ error: any Error, using random: inout some RandomNumberGenerator) -> Int64 {
    let nowMs = monotonic.nowMs
    convict(error, nowMs: nowMs)
    if isConnected, subscription != nil {
      unanswered += 1
      if unanswered == Self.unansweredLimit { logRefusal() }
    }
    close()
    let before = health.trouble
    let waitMs = health.lost(error, monotonicMs: nowMs, using: &random)
    logger.log(
      level: health.trouble == before ? .debug : .warning, "publisher has no connection",
      metadata: ["error": "\(health.trouble ?? "")", "retry_ms": "\(waitMs)"])
    return waitMs
  }

  /// Finds the publication for which the broker ended the connection.
  private func convict(_ error: any Error, nowMs: Int64) {
    guard isConnected else { return }
    let reason = (error as? LostConnection)?.reason ?? 0
    let isStated = PublishRefusal.endsConnection(reason)
    guard isStated || ConnectionFailure.kind(error) == .closed else { return }
    let guilty = suspects.connectionEnded(
      unacknowledged: inFlight.values.map(\.publication.topic), isStated: isStated,
      livedMs: health.livedMs(monotonicMs: nowMs))
    guard let guilty, let (mid, item) = inFlight.first(where: { $0.value.publication.topic == guilty })
    else { return }
    inFlight[mid] = nil
    let code = isStated ? UInt8(truncatingIfNeeded: reason) : PublishRefusal.closesConnection
    memory.record(item.publication, reason: code, nowMs: nowMs)
    health.culpritFound()
    refuse(item, reason: code)
  }

  private func close() {
    publishQueue.putBack(inFlight.values + heldBack)
    (inFlight, watched, subscription) = ([:], nil, nil)
    (link, isConnected, isAlone, heldBack) = (nil, false, false, [])
  }

  // MARK: Sending

  private func send(_ link: any PublishLink) throws {
    publishQueue.markDue(memory.dequeueExpired(nowMs: monotonic.nowMs))
    while inFlight.count < Self.windowSize, !isAlone {
      let waitedLong =
        !heldBack.isEmpty
        && (heldBack.count >= Self.holdLimit || monotonic.nowMs - heldSinceMs >= Self.holdMs)
      let items = waitedLong ? [] : publishQueue.dequeue(min(256, Self.windowSize - inFlight.count))
      if items.isEmpty {
        guard !heldBack.isEmpty, inFlight.isEmpty else { return }
        try sendAlone(link)
        continue
      }
      for (index, item) in items.enumerated() {
        if suspects.contains(item.publication.topic) {
          if heldBack.isEmpty { heldSinceMs = monotonic.nowMs }
          heldBack.append(item)
          continue
        }
        do { try hand(item, to: link) } catch {
          publishQueue.putBack(Array(items[index...]))
          throw error
        }
      }
    }
  }

  private func sendAlone(_ link: any PublishLink) throws {
    try hand(heldBack[0], to: link)
    heldBack.removeFirst()
    isAlone = !inFlight.isEmpty
  }

  private func hand(_ item: PublishQueue.Item, to link: any PublishLink) throws {
    if let reason = memory.refusal(of: item.publication) { return refuse(item, reason: reason) }
    do {
      let mid = try link.publish(item.publication)
      guard item.publication.qos > 0 else { return }
      inFlight[mid] = item
    } catch let error as MosquittoError {
      guard let reason = error.publicationRefusal else { throw error }
      suspects.clear(item.publication.topic)
      refuse(item, reason: reason)
    }
  }

  private func refuse(_ item: PublishQueue.Item, reason: UInt8) {
    guard publishQueue.refuse(item, reason: reason, nowMs: monotonic.nowMs) else { return }
    logger.warning(
      "a publication was refused, the others go on",
      metadata: [
        "topic": "\(item.publication.topic)", "bytes": "\(item.publication.packetBytes)",
        "reason": "\(PublishRefusal.words(reason))", "what_to_do": "\(PublishRefusal.advice(reason))",
        "refused": "\(publishQueue.refusals.count)",
      ])
  }

  // MARK: Stop

  /// Publishes `offline` and waits up to a second for its PUBACK: otherwise a panel may keep showing
  /// `online`.
  package func sayGoodbye(waitingWith wait: () -> Void) {
    guard let link, isConnected else { return end() }
    do {
      try link.publishLast(availability("offline"), within: .seconds(1), wait: wait)
    } catch {
      // The broker publishes the will.
    }
    end()
  }

  /// Ends the connection so that the broker says `offline` if no successor comes.
  package func leave() {
    link?.disconnectWithWill()
    close()
  }

  private func end() {
    link?.disconnect()
    close()
  }

  private func availability(_ word: String) -> Publication {
    Publication(
      topic: availabilityTopic, payload: Array(word.utf8), qos: 1, retain: true,
      properties: PublishProperties(contentType: "text/plain", isUTF8: true))
  }
}
