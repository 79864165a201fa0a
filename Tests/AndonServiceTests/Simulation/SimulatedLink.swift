import Mosquitto

@testable import AndonBridge

/// A connection to the broker model that breaks at random.
final class SimulatedLink: BrokerConnection {
  struct Broken: Error, CustomStringConvertible {
    let description: String
  }

  /// The owner of its acknowledgements.
  let owner: String
  private let broker: BrokerModel
  private let client: String
  private let chance: Chance
  private var events: [ConnectionEvent] = []
  private var unflushed: Set<Int> = []
  private var isOpen = false
  private var nextTicket: Int32 = 1
  private var drops: (count: Int64, isRetained: Bool)?
  /// The retained uptime may be old; the next value is exact, and comes a turn later.
  private(set) var isUptimeDue = false
  private var isTakenOver = false
  /// The broker granted less than was requested, and the ingest loop has read that.
  private(set) var hasToldRefusal = false
  private var isRefused = false
  /// What the world does while the ingest loop waits for more messages.
  var meanwhile: () -> Void = {}

  init(_ broker: BrokerModel, client: String, owner: String? = nil, chance: Chance) {
    self.owner = owner ?? client
    self.broker = broker
    self.client = client
    self.chance = chance
  }

  var socket: Int32? { isOpen ? 1 : nil }
  var certificateValidity: CertificateValidity? { nil }
  var wantsWrite: Bool { !unflushed.isEmpty }

  func connect(wakeup: Wakeup?, onWake: () -> Bool) throws {
    guard broker.isUp, !chance.happens(\.connectFails) else {
      throw Broken(description: "connection refused")
    }
    isOpen = true
    events.append(.connected(sessionPresent: broker.connect(self, client: client), reason: 0))
  }

  func takenOver() { isTakenOver = true }
  /// The retained values come first, also when the count rises before the link is read.
  func hearOfDrops(_ count: Int64, isRetained: Bool) {
    drops = (count, isRetained || drops?.isRetained == true)
  }

  func receive(into batch: MessageBatch, until limit: MessageBatch.Limit) throws -> Connection.ReceiveOutcome
  {
    guard isOpen else { throw Broken(description: "no connection") }
    if isTakenOver || chance.happens(\.connectionBreaks) {
      close()
      let reason: Int32 = isTakenOver && chance.below(2) == 0 ? 0x8E : 7
      events.append(.disconnected(reason: reason, text: "the broker closed it"))
      return .dry
    }
    appendCounters(to: batch)
    guard !isRefused else { return .dry }
    let wanted = min(limit.messages, 1 + chance.below(40))
    for message in broker.deliver(self, client: client, atMost: wanted) {
      batch.append(topic: message.topic, payload: message.payload)
      unflushed.insert(message.serial)
    }
    return broker.sessions[client]?.queue.isEmpty == false ? .full : .dry
  }

  func waitToRead(milliseconds: Int32, wakeup: Wakeup?) -> Bool {
    meanwhile()
    return chance.below(4) > 0
  }

  private func appendCounters(to batch: MessageBatch) {
    if isUptimeDue {
      isUptimeDue = false
      batch.append(topic: "$SYS/broker/uptime", payload: Array("\(broker.uptimeMs / 1000) seconds".utf8))
    }
    guard let drops else { return }
    self.drops = nil
    if drops.isRetained {
      let old = max(0, broker.uptimeMs / 1000 - Int64(chance.below(11)))
      batch.append(topic: "$SYS/broker/uptime", payload: Array("\(old) seconds".utf8), isRetained: true)
      isUptimeDue = true
    }
    batch.append(
      topic: "$SYS/broker/publish/messages/dropped", payload: Array("\(drops.count)".utf8),
      isRetained: drops.isRetained)
  }

  func dequeueEvents() -> [ConnectionEvent] {
    defer { events.removeAll() }
    if isRefused { hasToldRefusal = true }
    return events
  }

  func subscribe(_ filters: [String], qos: Int32, retainHandling: RetainHandling) throws -> Int32 {
    guard isOpen else { throw Broken(description: "no connection") }
    nextTicket += 1
    if filters.contains(where: { $0.hasSuffix("/event") }), chance.happens(\.subscriptionRefused) {
      // Earlier grants remain valid.
      isRefused = true
      let less: UInt8 = chance.below(2) == 0 ? 0 : 0x87
      events.append(.subscribed(mid: nextTicket, granted: filters.map { _ in less }))
      return nextTicket
    }
    for filter in filters { broker.subscribe(filter, client: client) }
    events.append(.subscribed(mid: nextTicket, granted: filters.map { _ in 1 }))
    return nextTicket
  }

  func unsubscribe(_ filters: [String]) throws {
    guard isOpen else { throw Broken(description: "no connection") }
    for filter in filters { broker.unsubscribe(filter, client: client) }
  }

  /// Sends the acknowledgements. The connection may break before, within or after them.
  func flush() throws {
    guard isOpen else { throw Broken(description: "no connection") }
    if chance.happens(\.flushBreaks) {
      let reached = unflushed.sorted().prefix(chance.below(unflushed.count + 1))
      broker.acknowledge(Set(reached), self, client: client)
      close()
      throw Broken(description: "the connection broke while writing")
    }
    broker.acknowledge(unflushed, self, client: client)
    unflushed.removeAll()
  }

  func keepAlive() throws {}

  func disconnect() { close() }

  private func close() {
    broker.close(self, client: client)
    unflushed.removeAll()
    isOpen = false
  }
}
