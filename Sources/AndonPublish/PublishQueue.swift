import AndonStatus
package import Mosquitto
import Synchronization

/// What waits to be published: the latest value of every retained topic, and a bounded queue of the rest.
///
/// Producers on any thread write here and go on; the publisher's thread takes. A retained topic that changes
/// faster than the broker takes it is sent once, with its newest value: memory is bounded by the number of
/// topics. Retained values are kept so that all of them can be sent again after a reconnect.
package final class PublishQueue: PublishQueueStatus {
  /// A publication on its way, and who wants to know that the broker has it.
  package struct Item: Sendable {
    package var publication: Publication
    package var receipt: Receipt?
    /// What to send instead when this one is refused as too large.
    package var instead: Publication?
    /// Its place in the queue: what was put back goes out again in this order.
    package var number: Int64 = 0
  }

  private struct State {
    var retained: [String: Publication] = [:]
    var due: [String] = []
    var isDue: Set<String> = []
    var queue: [Item] = []
    var lastNumber: Int64 = 0
    var droppedNotices: Int64 = 0
  }

  /// Publications that are not retained and wait at most; beyond that the newest notice is dropped, counted.
  package static let queueLimit = 10_000

  private let state = Mutex(State())
  private let wakeup: Wakeup
  /// What the broker or the library refused.
  package let refusals = RefusalLog()

  /// A closure put into a mutex bare would get one more reabstraction thunk with every look at it, until the
  /// stack overflows: a value around it is none.
  private struct Listener: Sendable {
    let hear: @Sendable (Publication) -> Void
  }
  private let listener = Mutex<Listener?>(nil)
  private let emptiedListener = Mutex<Listener?>(nil)

  package init(wakeup: Wakeup) { self.wakeup = wakeup }

  /// Lets one listener see everything that is handed in, as it is handed in. It must not block.
  package func listen(_ listener: @escaping @Sendable (Publication) -> Void) {
    self.listener.withLock { $0 = Listener(hear: listener) }
  }

  private func tell(_ publication: Publication) {
    let listener = listener.withLock { $0 }
    listener?.hear(publication)
  }

  // MARK: Retained topics

  /// Sets the value of a retained topic.
  package func set(_ publication: Publication) {
    let wasToBeEmptied = state.withLock { state in
      let old = state.retained.updateValue(publication, forKey: publication.topic)
      if state.isDue.insert(publication.topic).inserted { state.due.append(publication.topic) }
      return old?.payload.isEmpty == true
    }
    if wasToBeEmptied { tellEmptied(publication) }
    tell(publication)
  }

  /// Wakes the publisher once after a round of `set`.
  package func flush() { wakeup.signal() }

  /// Everything retained is due again: the connection is new.
  package func markAllDue() {
    state.withLock { state in
      state.due = state.retained.keys.sorted()
      state.isDue = Set(state.due)
    }
  }

  /// These retained topics are due again.
  func markDue(_ topics: [String]) {
    guard !topics.isEmpty else { return }
    state.withLock { state in
      for topic in topics where state.retained[topic] != nil && state.isDue.insert(topic).inserted {
        state.due.append(topic)
      }
    }
  }

  /// The retained topics that begin so, those that are being emptied included.
  func retainedTopics(prefix: String) -> [String] {
    state.withLock { $0.retained.keys.filter { $0.hasPrefix(prefix) } }
  }

  /// Empties retained topics at the broker. They are forgotten once it has acknowledged that, and due again after
  /// each connect until then.
  package func empty(_ topics: [String]) {
    state.withLock { state in
      for topic in topics {
        state.retained[topic] = Publication(topic: topic, payload: [], retain: true)
        if state.isDue.insert(topic).inserted { state.due.append(topic) }
      }
    }
    wakeup.signal()
  }

  /// Lets one listener know which topics need not be emptied any more: the broker did it, or they have a value.
  func listenToEmptied(_ listener: @escaping @Sendable (Publication) -> Void) {
    emptiedListener.withLock { $0 = Listener(hear: listener) }
  }

  private func tellEmptied(_ publication: Publication) {
    let listener = emptiedListener.withLock { $0 }
    listener?.hear(publication)
  }

  /// The broker has an empty value of that topic.
  private func emptied(_ publication: Publication) {
    let isOver = state.withLock { state in
      guard state.retained[publication.topic]?.payload.isEmpty == true else { return false }
      state.retained[publication.topic] = nil
      return true
    }
    if isOver { tellEmptied(publication) }
  }

  // MARK: The queue

  /// Queues something that is not retained. False when the queue is full: then it was dropped, counted.
  ///
  /// - Parameters:
  ///   - receipt: confirmed when the broker acknowledged it, also after a reconnect in between.
  ///   - instead: sent in its place when the broker takes no packet of that size.
  @discardableResult
  package func enqueue(
    _ publication: Publication, receipt: Receipt? = nil, instead: Publication? = nil
  ) -> Bool {
    let isIn = append(
      Item(publication: publication, receipt: receipt, instead: instead), upTo: Self.queueLimit)
    if !isIn { state.withLock { $0.droppedNotices += 1 } }
    return isIn
  }

  /// Queues something that its producer keeps until the receipt, and that buckets half of the queue to others.
  /// False when there is no room now: it is to be offered again.
  package func offer(_ publication: Publication, receipt: Receipt) -> Bool {
    append(Item(publication: publication, receipt: receipt), upTo: Self.queueLimit / 2)
  }

  private func append(_ item: Item, upTo limit: Int) -> Bool {
    let isIn = state.withLock { state in
      guard state.queue.count < limit else { return false }
      state.lastNumber += 1
      var item = item
      item.number = state.lastNumber
      state.queue.append(item)
      return true
    }
    wakeup.signal()
    tell(item.publication)
    return isIn
  }

  // MARK: The publisher's side

  /// Takes up to that many publications, queued ones first.
  package func take(_ limit: Int) -> [Item] {
    state.withLock { state in
      var taken = Array(state.queue.prefix(limit))
      state.queue.removeFirst(taken.count)
      let topics = state.due.prefix(limit - taken.count)
      for topic in topics {
        state.isDue.remove(topic)
        if let publication = state.retained[topic] { taken.append(Item(publication: publication)) }
      }
      state.due.removeFirst(topics.count)
      return taken
    }
  }

  /// Puts back what the broker may not have, in its old order; a newer value set meanwhile stays.
  package func putBack(_ items: [Item]) {
    guard !items.isEmpty else { return }
    state.withLock { state in
      let queued = items.filter { !$0.publication.retain }.sorted { $0.number < $1.number }
      state.queue.insert(contentsOf: queued, at: 0)
      for topic in items.filter(\.publication.retain).map(\.publication.topic) {
        if state.isDue.insert(topic).inserted { state.due.append(topic) }
      }
    }
  }

  /// The broker has it.
  package func confirm(_ item: Item) {
    item.receipt?.confirm()
    if item.publication.retain, item.publication.payload.isEmpty { emptied(item.publication) }
    refusals.accepted(item.publication.topic)
  }

  /// The broker, or the library, does not want it: it is not sent again by itself. Who asked for a receipt
  /// decides; a retained value goes out again when it changes and after a reconnect. Returns whether to log it.
  package func refuse(_ item: Item, reason: UInt8, nowMs: Int64) -> Bool {
    item.receipt?.refuse(reason: reason)
    if reason == 0x95, let instead = item.instead { enqueue(instead) }
    return refusals.refused(item.publication.topic, reason: reason, nowMs: nowMs)
  }

  /// Publications that wait to be sent.
  package var depth: Int { state.withLock { $0.queue.count + $0.due.count } }
  package var refusedCount: Int64 { refusals.count }
  package func refusalWords(nowMs: Int64) -> String? { refusals.words(nowMs: nowMs) }
  package var isEmpty: Bool { state.withLock { $0.queue.isEmpty && $0.due.isEmpty } }
  package var droppedNotices: Int64 { state.withLock { $0.droppedNotices } }
}
