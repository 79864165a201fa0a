import AndonStatus
import DequeModule
package import Mosquitto
import Synchronization

/// Publications that wait for the broker: the latest value of every retained topic, and a bounded queue of
/// all others.
///
/// Producers on any thread write without blocking; the publisher's thread dequeues. A retained topic that
/// changes faster than the broker accepts it is sent once, with its newest value, so the number of topics
/// bounds the memory. Retained values are kept so that all can be sent again after a reconnect.
package final class PublishQueue: PublishQueueStatus {
  /// A publication and the receipt for its acknowledgement.
  package struct Item: Sendable {
    package var publication: Publication
    package var receipt: Receipt?
    /// A replacement that is sent when this one is refused as too large.
    package var instead: Publication?
    /// The position in the queue: publications that were put back go out again in this order.
    package var number: Int64 = 0
  }

  private struct State {
    var retained: [String: Publication] = [:]
    var due: Deque<String> = []
    var isDue: Set<String> = []
    var queue: Deque<Item> = []
    var lastNumber: Int64 = 0
    var droppedNotices: Int64 = 0
  }

  /// The most publications that are not retained; further ones are dropped and counted.
  package static let queueLimit = 10_000

  private let state = Mutex(State())
  private let wakeup: Wakeup
  /// Refusals by the broker or the library.
  package let refusals = RefusalLog()

  /// Wraps the closure. A bare closure in a mutex gets one more reabstraction thunk with every access, until
  /// the stack overflows.
  private struct Listener: Sendable {
    let observe: @Sendable (Publication) -> Void
  }
  private let listener = Mutex<Listener?>(nil)
  private let emptiedListener = Mutex<Listener?>(nil)

  package init(wakeup: Wakeup) { self.wakeup = wakeup }

  /// Sets the one listener that sees every publication as it is queued. It must not block.
  package func listen(_ listener: @escaping @Sendable (Publication) -> Void) {
    self.listener.withLock { $0 = Listener(observe: listener) }
  }

  private func notify(_ publication: Publication) {
    let listener = listener.withLock { $0 }
    listener?.observe(publication)
  }

  // MARK: Retained topics

  /// Sets the value of a retained topic.
  package func set(_ publication: Publication) {
    let wasToBeEmptied = state.withLock { state in
      let old = state.retained.updateValue(publication, forKey: publication.topic)
      if state.isDue.insert(publication.topic).inserted { state.due.append(publication.topic) }
      return old?.payload.isEmpty == true
    }
    if wasToBeEmptied { notifyEmptied(publication) }
    notify(publication)
  }

  /// Wakes the publisher; call it once after several calls of `set`.
  package func flush() { wakeup.signal() }

  /// Marks all retained topics as due, after a reconnect.
  package func markAllDue() {
    state.withLock { state in
      state.due = Deque(state.retained.keys.sorted())
      state.isDue = Set(state.due)
    }
  }

  /// Marks these retained topics as due.
  func markDue(_ topics: [String]) {
    guard !topics.isEmpty else { return }
    state.withLock { state in
      for topic in topics where state.retained[topic] != nil && state.isDue.insert(topic).inserted {
        state.due.append(topic)
      }
    }
  }

  /// The retained topics with this prefix, including those that are being emptied.
  func retainedTopics(prefix: String) -> [String] {
    state.withLock { $0.retained.keys.filter { $0.hasPrefix(prefix) } }
  }

  /// The values of the retained topics with this prefix.
  func retainedValues(prefix: String) -> [Publication] {
    state.withLock { state in state.retained.values.filter { $0.topic.hasPrefix(prefix) } }
  }

  /// Empties retained topics at the broker. They are forgotten after the PUBACK; until then they are due
  /// again after each connect.
  package func empty(_ topics: [String]) {
    state.withLock { state in
      for topic in topics {
        state.retained[topic] = Publication(topic: topic, payload: [], retain: true)
        if state.isDue.insert(topic).inserted { state.due.append(topic) }
      }
    }
    wakeup.signal()
  }

  /// Those of these topics that the broker has not emptied yet.
  func beingEmptied(_ topics: Set<String>) -> Set<String> {
    state.withLock { state in topics.filter { state.retained[$0]?.payload.isEmpty == true } }
  }

  /// Sends the retained topics with this prefix again.
  package func markDue(prefix: String) {
    markDue(retainedTopics(prefix: prefix).sorted())
    wakeup.signal()
  }

  /// Sets the one listener for topics that need not be emptied any more: they are empty, or have a value
  /// again.
  func listenToEmptied(_ listener: @escaping @Sendable (Publication) -> Void) {
    emptiedListener.withLock { $0 = Listener(observe: listener) }
  }

  private func notifyEmptied(_ publication: Publication) {
    let listener = emptiedListener.withLock { $0 }
    listener?.observe(publication)
  }

  /// The broker acknowledged an empty value of this topic.
  private func emptied(_ publication: Publication) {
    let isOver = state.withLock { state in
      guard state.retained[publication.topic]?.payload.isEmpty == true else { return false }
      state.retained[publication.topic] = nil
      return true
    }
    if isOver { notifyEmptied(publication) }
  }

  // MARK: Queue

  /// Queues a publication that is not retained. Returns false when the queue is full: it was dropped and
  /// counted.
  ///
  /// - Parameters:
  ///   - receipt: confirmed when the broker acknowledged it, also after a reconnect in between.
  ///   - instead: sent in its place when the broker accepts no packet of that size.
  @discardableResult
  package func enqueue(
    _ publication: Publication, receipt: Receipt? = nil, instead: Publication? = nil
  ) -> Bool {
    let isIn = append(
      Item(publication: publication, receipt: receipt, instead: instead), upTo: Self.queueLimit)
    if !isIn { state.withLock { $0.droppedNotices += 1 } }
    return isIn
  }

  /// Queues a publication that its producer keeps until the receipt; it may use half of the queue. Returns
  /// false when there is no room now: offer it again later.
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
    notify(item.publication)
    return isIn
  }

  // MARK: Publisher

  /// Dequeues up to `limit` publications, queued ones before retained ones.
  package func dequeue(_ limit: Int) -> [Item] {
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

  /// Puts back publications that the broker may not have, in their old order; a newer retained value is kept.
  package func putBack(_ items: [Item]) {
    guard !items.isEmpty else { return }
    state.withLock { state in
      let queued = items.filter { !$0.publication.retain }.sorted { $0.number < $1.number }
      state.queue.prepend(contentsOf: queued)
      for topic in items.filter(\.publication.retain).map(\.publication.topic) {
        if state.isDue.insert(topic).inserted { state.due.append(topic) }
      }
    }
  }

  /// The broker acknowledged it.
  package func confirm(_ item: Item) {
    item.receipt?.confirm()
    if item.publication.retain, item.publication.payload.isEmpty { emptied(item.publication) }
    refusals.accepted(item.publication.topic)
  }

  /// The broker or the library refused it: it is not sent again automatically. The owner of the receipt
  /// decides; a retained value goes out again when it changes and after a reconnect. Returns whether to log
  /// it.
  package func refuse(_ item: Item, reason: UInt8, nowMs: Int64) -> Bool {
    item.receipt?.refuse(reason: reason)
    if reason == 0x95, let instead = item.instead { enqueue(instead) }
    return refusals.refused(item.publication.topic, reason: reason, nowMs: nowMs)
  }

  /// How many publications wait.
  package var depth: Int { state.withLock { $0.queue.count + $0.due.count } }
  package var refusedCount: Int64 { refusals.count }
  package func refusalWords(nowMs: Int64) -> String? { refusals.words(nowMs: nowMs) }
  package var isEmpty: Bool { state.withLock { $0.queue.isEmpty && $0.due.isEmpty } }
  package var droppedNotices: Int64 { state.withLock { $0.droppedNotices } }
}
