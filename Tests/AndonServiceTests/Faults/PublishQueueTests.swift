import Mosquitto
import TestSupport
import Testing

@testable import AndonPublish

@Suite(.ownThread) struct PublishQueueTests {
  private static func topics(_ items: [PublishQueue.Item]) -> [String] { items.map(\.publication.topic) }

  @Test func whatIsPutBackGoesOutFirstInItsOldOrder() throws {
    let publishQueue = PublishQueue(wakeup: try Wakeup())
    for number in 0..<6 { publishQueue.enqueue(Publication(topic: "event/\(number)", payload: [1])) }
    publishQueue.set(Publication(topic: "retained", payload: [1], retain: true))
    let taken = publishQueue.dequeue(4)
    #expect(Self.topics(taken) == ["event/0", "event/1", "event/2", "event/3"])
    publishQueue.putBack(taken[1...3].reversed())
    #expect(publishQueue.depth == 6)
    #expect(Self.topics(publishQueue.dequeue(4)) == ["event/1", "event/2", "event/3", "event/4"])
    let rest = publishQueue.dequeue(4)
    #expect(Self.topics(rest) == ["event/5", "retained"] && publishQueue.isEmpty)
    // A retained topic goes out once, with its newest value.
    publishQueue.set(Publication(topic: "retained", payload: [2], retain: true))
    publishQueue.putBack(rest.suffix(1))
    #expect(publishQueue.dequeue(4).map(\.publication.payload) == [[2]])
  }
}
