import Foundation
import Mosquitto

@testable import AndonPublish

/// A broker for the publisher, in memory. It keeps what was published, and refuses single packets in every
/// way in which brokers and libmosquitto do.
final class PublishBroker {
  /// How one publication is refused.
  enum Refusal {
    /// Refused by libmosquitto, which knows the broker's limits.
    case library(mosquittoCode: Int32)
    case acknowledgement(reason: UInt8)
    /// The connection ends with a reason code that names no publication.
    case disconnect(reason: Int32)
    /// The connection ends without a reason code.
    case silence
  }

  struct Message {
    var topic: String
    var payload: [UInt8]
  }

  /// The refusal for a publication; nil accepts it.
  var refuses: (Publication) -> Refusal? = { _ in nil }
  private(set) var received: [Message] = []
  private(set) var retained: [String: [UInt8]] = [:]
  private(set) var connections = 0
  fileprivate weak var link: PublishLinkModel?
  /// What it answers to a SUBSCRIBE, or that it ends the connection instead.
  var grants: UInt8 = 1
  var endsAtSubscribe = false
  fileprivate(set) var subscriptions: [String] = []
  /// Messages for the publisher, if it is connected.
  var deliveries: [Message] = []

  /// Ends the current connection: another client has taken its id.
  func takeOver() { link?.end(reason: 0x8E) }

  /// Ends the current connection without a reason code.
  func drop() { link?.end(reason: 7) }

  fileprivate func connect(_ link: PublishLinkModel) {
    self.link?.end(reason: 0x8E)
    self.link = link
    connections += 1
  }

  fileprivate func record(_ publication: Publication) {
    received.append(Message(topic: publication.topic, payload: publication.payload))
    guard publication.retain else { return }
    retained[publication.topic] = publication.payload.isEmpty ? nil : publication.payload
  }
}

/// A connection to this broker. `flush` delivers what was published; the answers come in later steps.
final class PublishLinkModel: PublishLink {
  private let broker: PublishBroker
  private var events: [ConnectionEvent] = []
  private var unwritten: [(mid: Int32, publication: Publication)] = []
  private var isOpen = false
  /// Packet ids have 16 bits and wrap around; 0 is not used.
  private var nextMid: Int32
  /// The connection breaks after this many publications.
  var breaksAfter = Int.max
  /// The broker accepts the publication, and its PUBACK is lost.
  var losesAnswer: () -> Bool = { false }

  init(_ broker: PublishBroker, firstMid: Int32 = 1) {
    self.broker = broker
    nextMid = firstMid
  }

  var socket: Int32? { isOpen ? 1 : nil }
  var wantsWrite: Bool { !unwritten.isEmpty }

  func connect(wakeup: Wakeup?, onWake: () -> Bool) throws {
    isOpen = true
    broker.connect(self)
    events.append(.connected(sessionPresent: false, reason: 0))
  }

  func receive(into batch: MessageBatch, until limit: MessageBatch.Limit) throws -> Connection.ReceiveOutcome
  {
    for message in broker.deliveries { batch.append(topic: message.topic, payload: message.payload) }
    broker.deliveries = []
    return .dry
  }

  func dequeueEvents() -> [ConnectionEvent] {
    defer { events.removeAll() }
    return events
  }

  func publish(_ publication: Publication) throws -> Int32 {
    guard isOpen else { throw MosquittoError(operation: "publish", code: 4, message: "no connection") }
    if case .library(let code) = broker.refuses(publication) {
      throw MosquittoError(operation: "publish to \(publication.topic)", code: code, message: "refused")
    }
    let mid = nextMid
    nextMid = nextMid == 65_535 ? 1 : nextMid + 1
    unwritten.append((mid, publication))
    return mid
  }

  func disconnectWithWill() { disconnect() }

  func subscribe(to filter: String) throws -> Int32 {
    broker.subscriptions.append(filter)
    if broker.endsAtSubscribe {
      end(reason: 0x87)
    } else {
      events.append(.subscribed(mid: -1, granted: [broker.grants]))
    }
    return -1
  }

  func flush() throws {
    let written = unwritten
    unwritten = []
    for (mid, publication) in written where isOpen {
      breaksAfter -= 1
      guard breaksAfter >= 0 else { return end(reason: 7) }
      switch broker.refuses(publication) {
      case .disconnect(let reason): return end(reason: reason)
      case .silence: return end(reason: 7)
      case .acknowledgement(let reason): events.append(.published(mid: mid, reason: reason))
      case .library, nil:
        broker.record(publication)
        if !losesAnswer() { events.append(.published(mid: mid, reason: 0)) }
      }
    }
  }

  func keepAlive() throws {}
  func disconnect() { isOpen = false }

  fileprivate func end(reason: Int32) {
    guard isOpen else { return }
    isOpen = false
    events.append(.disconnected(reason: reason, text: "ended"))
  }
}
