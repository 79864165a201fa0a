package import Mosquitto
import Synchronization

/// What waits to be published: the latest value of every retained topic, and a bounded queue of the rest.
///
/// Producers on any thread write here and go on; the publisher's thread takes. A retained topic that changes
/// faster than the broker takes it is sent once, with its newest value: memory is bounded by the number of
/// topics. Retained values are kept so that all of them can be sent again after a reconnect.
package final class Outgoing: Sendable {
  /// A publication on its way, and who wants to know that the broker has it.
  package struct Item: Sendable {
    package var publication: Publication
    package var receipt: Receipt?
  }

  private struct State {
    var retained: [String: Publication] = [:]
    var due: [String] = []
    var isDue: Set<String> = []
    var queue: [Item] = []
    var droppedNotices: Int64 = 0
    var refused: Int64 = 0
    var refusedToldAt: ContinuousClock.Instant?
  }

  /// Publications that are not retained and wait at most; beyond that the newest notice is dropped, counted.
  package static let queueLimit = 10_000

  private let state = Mutex(State())
  private let wakeup: Wakeup

  /// A closure put into a mutex bare would get one more reabstraction thunk with every look at it, until the
  /// stack overflows: a value around it is none.
  private struct Listener: Sendable {
    let hear: @Sendable (Publication) -> Void
  }
  private let listener = Mutex<Listener?>(nil)

  package init(wakeup: Wakeup) { self.wakeup = wakeup }

  /// Lets one listener see everything that is handed in, as it is handed in. It must not block.
  package func listen(_ listener: @escaping @Sendable (Publication) -> Void) {
    self.listener.withLock { $0 = Listener(hear: listener) }
  }

  private func tell(_ publication: Publication) {
    let listener = listener.withLock { $0 }
    listener?.hear(publication)
  }

  /// Sets the value of a retained topic.
  package func set(_ publication: Publication) {
    state.withLock { state in
      state.retained[publication.topic] = publication
      if state.isDue.insert(publication.topic).inserted { state.due.append(publication.topic) }
    }
    tell(publication)
  }

  /// Queues something that is not retained. False when the queue is full: then it was dropped, counted.
  ///
  /// - Parameter receipt: confirmed when the broker acknowledged it, also after a reconnect in between.
  @discardableResult
  package func enqueue(_ publication: Publication, receipt: Receipt? = nil) -> Bool {
    defer {
      wakeup.signal()
      tell(publication)
    }
    return state.withLock { state in
      guard state.queue.count < Self.queueLimit else {
        state.droppedNotices += 1
        return false
      }
      state.queue.append(Item(publication: publication, receipt: receipt))
      return true
    }
  }

  /// How many more can be queued.
  package var room: Int { state.withLock { Self.queueLimit - $0.queue.count } }

  /// Wakes the publisher once after a round of `set`.
  package func flush() { wakeup.signal() }

  /// Everything retained is due again: the connection is new.
  package func markAllDue() {
    state.withLock { state in
      state.due = state.retained.keys.sorted()
      state.isDue = Set(state.due)
    }
  }

  /// Takes up to that many publications, queued ones first.
  package func take(_ limit: Int) -> [Item] {
    state.withLock { state in
      var taken = Array(state.queue.prefix(limit))
      state.queue.removeFirst(taken.count)
      let topics = state.due.prefix(limit - taken.count)
      for topic in topics {
        state.isDue.remove(topic)
        if let publication = state.retained[topic] {
          taken.append(Item(publication: publication, receipt: nil))
        }
      }
      state.due.removeFirst(topics.count)
      return taken
    }
  }

  /// Puts back what could not be sent; a newer value set meanwhile stays.
  package func putBack(_ items: [Item]) {
    state.withLock { state in
      state.queue.insert(contentsOf: items.filter { !$0.publication.retain }, at: 0)
      for topic in items.filter(\.publication.retain).map(\.publication.topic) {
        if state.isDue.insert(topic).inserted { state.due.append(topic) }
      }
    }
  }

  /// Forgets retained topics that the test says are over (they expire on the broker by themselves).
  package func forget(where isOver: (String) -> Bool) {
    state.withLock { state in
      for topic in state.retained.keys where isOver(topic) { state.retained[topic] = nil }
    }
  }

  /// The broker refused one. Returns how many it refused so far when it is time to say so, once a minute.
  func noteRefused(now: ContinuousClock.Instant) -> Int64? {
    state.withLock { state in
      state.refused += 1
      if let told = state.refusedToldAt, now - told < .seconds(60) { return nil }
      state.refusedToldAt = now
      return state.refused
    }
  }

  /// Publications that wait to be sent.
  package var depth: Int { state.withLock { $0.queue.count + $0.due.count } }
  package var isEmpty: Bool { state.withLock { $0.queue.isEmpty && $0.due.isEmpty } }
  package var droppedNotices: Int64 { state.withLock { $0.droppedNotices } }
  package var refused: Int64 { state.withLock { $0.refused } }
}
