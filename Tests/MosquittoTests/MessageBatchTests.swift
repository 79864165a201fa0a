import Mosquitto
import TestSupport
import Testing

@Suite struct MessageBatchTests {
  private func visited(_ batch: MessageBatch) -> [(topic: String, number: Int, payload: String)] {
    var all: [(topic: String, number: Int, payload: String)] = []
    batch.visit { topic, number, payload, _ in
      let bytes = payload.indices.map { payload[$0] }
      all.append((topic, number, String(decoding: bytes, as: UTF8.self)))
    }
    return all
  }

  /// More topics than the cache of recent ones has places, and more than are kept from batch to batch.
  @Test(.seeded) func eachMessageKeepsItsTopicAmongThousands() {
    var random = TopicChoice(state: Seed.one)
    let batch = MessageBatch()
    // Of every length, also such that differ in the last character only.
    let topics = (0..<6000).map { number in
      "t/" + String(repeating: "x", count: number % 23) + "/" + String(number)
    }
    for _ in 0..<3 {
      let chosen = (0..<12_000).map { _ in topics[Int(random.next() % UInt64(topics.count))] }
      for (number, topic) in chosen.enumerated() {
        batch.append(topic: topic, payload: Array("\(number)".utf8))
      }
      let all = visited(batch)
      #expect(all.map(\.topic) == chosen)
      #expect(all.map(\.payload) == chosen.indices.map(String.init))
      let numbers = Dictionary(grouping: all, by: \.topic).mapValues { Set($0.map(\.number)) }
      #expect(numbers.values.allSatisfy { $0.count == 1 }, "one number for one topic")
      #expect(Set(numbers.values.flatMap(\.self)).count == numbers.count, "a topic for each number")
      batch.removeAll()
      #expect(batch.count == 0 && batch.byteCount == 0 && visited(batch).isEmpty)
    }
  }

  @Test func aVisitLendsWhatAccessByIndexDoes() {
    let batch = MessageBatch()
    batch.append(topic: "a", payload: [1, 2], qos: 0, isRetained: true)
    batch.append(topic: "b", payload: [], qos: 1)
    var index = 0
    batch.visit { topic, _, payload, message in
      #expect(message == batch[index])
      let count = payload.count
      batch.withMessage(at: index) { #expect($0 == topic && $1.count == count && $2 == message.isRetained) }
      index += 1
    }
    #expect(index == 2)
  }
}

private struct TopicChoice: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 20 ^ state << 40
  }
}
