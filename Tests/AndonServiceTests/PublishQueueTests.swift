import Mosquitto
import Testing

@testable import AndonPublish

@Suite(.ownThread) struct PublishQueueTests {
  private static func topics(_ items: [PublishQueue.Item]) -> [String] { items.map(\.publication.topic) }

  @Test func whatIsPutBackGoesOutFirstInItsOldOrder() throws {
    let queue = PublishQueue(wakeup: try Wakeup())
    for number in 0..<6 { queue.enqueue(Publication(topic: "event/\(number)", payload: [1])) }
    queue.set(Publication(topic: "retained", payload: [1], retain: true))
    let taken = queue.take(4)
    #expect(Self.topics(taken) == ["event/0", "event/1", "event/2", "event/3"])
    queue.putBack(taken[1...3].reversed())
    #expect(queue.depth == 6)
    #expect(Self.topics(queue.take(4)) == ["event/1", "event/2", "event/3", "event/4"])
    let rest = queue.take(4)
    #expect(Self.topics(rest) == ["event/5", "retained"] && queue.isEmpty)
    // A retained topic goes out once, with its newest value.
    queue.set(Publication(topic: "retained", payload: [2], retain: true))
    queue.putBack(rest.suffix(1))
    #expect(queue.take(4).map(\.publication.payload) == [[2]])
  }
}
