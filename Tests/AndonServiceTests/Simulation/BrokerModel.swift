import Mosquitto

/// An MQTT 5 broker in memory: sessions with a queue, delivery at least once, and retained `$SYS` topics. It
/// records every loss, so that a simulation can check whether the loss was reported.
final class BrokerModel {
  struct Message: Equatable {
    /// The position in the whole history; it identifies the message.
    let serial: Int
    let topic: String
    let payload: [UInt8]
    let atMs: Int64
  }

  /// A message published for a site that no session will deliver.
  struct Loss {
    let serial: Int
    let topic: String
    let atMs: Int64
    let isOverflow: Bool
    let monotonicMs: Int64
  }

  final class Session {
    var filters: Set<String> = []
    /// Delivered and not acknowledged, in order. Delivered again after a reconnect.
    var inflight: [Message] = []
    var queue: [Message] = []
    weak var owner: SimulatedLink?
  }

  private(set) var sessions: [String: Session] = [:]
  private(set) var losses: [Loss] = []
  /// The serials of acknowledged messages, by the owner of the link.
  private(set) var acknowledged: [String: Set<Int>] = [:]
  /// Like Mosquitto, it publishes the count of dropped messages from the start, also when it is 0.
  private var retained = ["$SYS/broker/publish/messages/dropped": Array("0".utf8)]
  private(set) var dropped: Int64 = 0
  /// The number of the last message.
  private(set) var serial = 0
  var queueLimit = Int.max
  private let monotonicMs: () -> Int64
  private var startedAtMs: Int64 = 0
  private var restartsMs: [Int64] = []
  var uptimeMs: Int64 { monotonicMs() - startedAtMs }
  var isUp = true

  init(monotonicMs: @escaping () -> Int64) { self.monotonicMs = monotonicMs }

  /// Publishes to every client with a session for the site. Returns the serial.
  func publish(_ topic: String, _ payload: [UInt8], site client: String, atMs: Int64) -> Int {
    serial += 1
    let message = Message(serial: serial, topic: topic, payload: payload, atMs: atMs)
    guard let session = sessions[client], session.filters.contains(Self.kind(of: topic)) else {
      losses.append(
        Loss(serial: serial, topic: topic, atMs: atMs, isOverflow: false, monotonicMs: monotonicMs()))
      return serial
    }
    if session.queue.count >= queueLimit {
      dropped += 1
      losses.append(
        Loss(serial: serial, topic: topic, atMs: atMs, isOverflow: true, monotonicMs: monotonicMs()))
      tellDropped()
    } else {
      session.queue.append(message)
    }
    return serial
  }

  private func tellDropped() {
    retained["$SYS/broker/publish/messages/dropped"] = Array("\(dropped)".utf8)
    for session in sessions.values { session.owner?.hearOfDrops(dropped, isRetained: false) }
  }

  // MARK: Calls of links

  /// Returns whether a session existed. Closes an older connection of the same client.
  func connect(_ link: SimulatedLink, client: String) -> Bool {
    let isPresent = sessions[client] != nil
    let session = sessions[client] ?? Session()
    sessions[client] = session
    session.owner?.takenOver()
    session.owner = link
    session.queue = session.inflight + session.queue
    session.inflight = []
    return isPresent
  }

  func subscribe(_ filter: String, client: String) {
    guard let session = sessions[client] else { return }
    if filter.hasSuffix("/event") || filter.hasPrefix("other/") {
      session.filters.insert(Self.kind(of: filter))
    } else if let payload = retained[filter], let count = Int64(String(decoding: payload, as: UTF8.self)) {
      session.owner?.hearOfDrops(count, isRetained: true)
    }
  }

  func unsubscribe(_ filter: String, client: String) {
    sessions[client]?.filters.remove(Self.kind(of: filter))
  }

  /// Which of a site's two kinds of topic this is: Andon's own, or that of a mapping.
  private static func kind(of topic: String) -> String { topic.hasPrefix("other/") ? "mapped" : "events" }

  /// The next messages for a link, at most `limit`.
  func deliver(_ link: SimulatedLink, client: String, atMost limit: Int) -> [Message] {
    guard let session = sessions[client], session.owner === link else { return [] }
    let messages = Array(session.queue.prefix(limit))
    session.queue.removeFirst(messages.count)
    session.inflight += messages
    return messages
  }

  func acknowledge(_ serials: Set<Int>, _ link: SimulatedLink, client: String) {
    guard let session = sessions[client], session.owner === link else { return }
    session.inflight.removeAll { serials.contains($0.serial) }
    acknowledged[link.owner, default: []].formUnion(serials)
  }

  func close(_ link: SimulatedLink, client: String) {
    if let session = sessions[client], session.owner === link { session.owner = nil }
  }

  // MARK: Faults of the broker

  /// Expired, or the broker restarted without persistence: queued messages are lost without a report.
  func loseSession(_ client: String) {
    guard let session = sessions.removeValue(forKey: client) else { return }
    session.owner?.takenOver()
    for message in session.inflight + session.queue {
      losses.append(
        Loss(
          serial: message.serial, topic: message.topic, atMs: message.atMs, isOverflow: false,
          monotonicMs: monotonicMs()))
    }
  }

  /// Restarts with its sessions; its count of dropped messages starts at 0.
  func restart() {
    for session in sessions.values { session.owner?.takenOver() }
    dropped = 0
    startedAtMs = monotonicMs()
    restartsMs.append(startedAtMs)
    tellDropped()
  }

  /// Whether the broker restarted at most that long after it had dropped the message: then it may not have told the
  /// count to anyone.
  func hasForgotten(_ loss: Loss, withinMs: Int64) -> Bool {
    loss.isOverflow && restartsMs.contains { (0...withinMs).contains($0 - loss.monotonicMs) }
  }

  /// The number of messages queued or in flight for a client.
  func waiting(_ client: String) -> Int {
    sessions[client].map { $0.inflight.count + $0.queue.count } ?? 0
  }
}
