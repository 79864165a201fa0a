import AndonCore
import Mosquitto
import TestSupport
import Testing

@testable import AndonIngest
@testable import AndonStore

@Suite(.ownThread) struct PostedEventsTests {
  private func answer(_ posted: PostedEvents) async -> PostedEvents.Answer {
    await posted.post(to: closed, timeout: .seconds(5))
  }
  private let closed: HTTPIngestQueue

  init() throws {
    closed = HTTPIngestQueue(wakeup: try Wakeup())
    closed.close()
  }

  @Test func aClosedQueueIsFull() async {
    guard case .full = await answer(PostedEvents(cameraID: "c", payload: [])) else {
      Issue.record("taken")
      return
    }
  }

  @Test func theQueueIsBoundedInRequestsAndBytes() throws {
    let httpQueue = HTTPIngestQueue(wakeup: try Wakeup())
    for _ in 0..<HTTPIngestQueue.requestLimit {
      #expect(httpQueue.post(PostedEvents(cameraID: "c", payload: [1])))
    }
    #expect(!httpQueue.post(PostedEvents(cameraID: "c", payload: [1])))
    #expect(httpQueue.dequeue().count == HTTPIngestQueue.requestLimit && httpQueue.isEmpty)
    let large = [UInt8](repeating: 1, count: HTTPIngestQueue.byteLimit / 2 + 1)
    #expect(httpQueue.post(PostedEvents(cameraID: "c", payload: large)))
    #expect(!httpQueue.post(PostedEvents(cameraID: "c", payload: large)))
  }

  @Test func whoWaitsTooLongIsTold() async throws {
    let httpQueue = HTTPIngestQueue(wakeup: try Wakeup())
    let posted = PostedEvents(cameraID: "c", payload: [1])
    guard case .failed(let reason) = await posted.post(to: httpQueue, timeout: .milliseconds(20)) else {
      Issue.record("answered")
      return
    }
    #expect(reason.contains("did not commit"))
    posted.answer(.full)
  }

  /// Posted events share a transaction with received ones; each sender gets the outcomes of its own events.
  @Test func outcomesComeBackInOrder() async throws {
    let site = try TestSite()
    let httpQueue = HTTPIngestQueue(wakeup: try Wakeup())
    let at = TestSite.nowMs - 1000
    let first = PostedEvents(
      cameraID: "cam-01",
      payload: Array(
        "[\(TestSite.event(at)),\(TestSite.event(at)),\(TestSite.event(at, confidence: "0.8")),\(TestSite.event(at + 1, confidence: "0.5")),{}]"
          .utf8))
    let second = PostedEvents(cameraID: "cam-02", payload: Array("nonsense".utf8))
    async let one = first.post(to: httpQueue, timeout: .seconds(5))
    async let two = second.post(to: httpQueue, timeout: .seconds(5))
    while httpQueue.count < 2 { await Task.yield() }
    let taken = httpQueue.dequeue().sorted { $0.cameraID < $1.cameraID }
    let messages = MessageBatch()
    let update = try #require(try site.turn.commit(messages, posted: taken))
    guard case .committed(let outcomes) = await one, case .committed(let others) = await two else {
      Issue.record("not committed")
      return
    }
    #expect(outcomes.map(\.kind) == [.stored, .duplicate, .duplicate, .lowConfidence, .rejected])
    #expect(outcomes.map(\.isConflict) == [false, false, true, false, false])
    #expect(outcomes[4].rejection?.field == "event_type" && others.map(\.rejection?.code) == [.json])
    #expect(update.counters.received == 6 && update.counters.isBalanced)
    #expect(try site.store.eventCount() == 2 && site.store.counters() == update.counters)
    #expect(update.samples.count == 6)
  }
}
