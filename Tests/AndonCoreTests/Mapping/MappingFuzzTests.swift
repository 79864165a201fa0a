import AndonCore
import TestSupport
import Testing

/// Random payloads, pointers and topics: nothing traps, and every message has at least one outcome.
@Suite(.seeded) struct MappingFuzzTests {
  private static let pointers = [
    "/timestamp", "/worker_id", "/x", "/x/0", "$/timestamp", "$", "/0", "/confidence", "/a~1b", "//", ".",
    "{camera}", "/x/x/x", "/event_id", "$/0/worker_id",
  ]

  @Test func anyPayloadUnderAnyMappingIsJudged() throws {
    var grammar = JSONGrammar(seed: Seed.one)
    var random = TestRandom(seed: Seed.one)
    var watch = Fuzz.Stopwatch()
    let count = Fuzz.inputs(20_000)
    var events = 0
    for index in 0..<count {
      let bench = try Self.bench(&random)
      let bytes = grammar.next()
      let items = watch.time { bench.items(bytes) }
      let shown = "seed \(Seed.one), input \(index): \(String(decoding: bytes, as: UTF8.self))"
      if items.isEmpty { Issue.record("no verdict: \(shown)") }
      for item in items {
        switch item.outcome {
        case .event(let event), .total(let event, _):
          events += 1
          if event.workstationID.isEmpty || item.camera.isEmpty { Issue.record("\(event): \(shown)") }
        case .rejected(_, let range):
          if range.upperBound > bytes.count { Issue.record("\(range): \(shown)") }
        case .ignored: break
        }
      }
    }
    #expect(events > count / 200, "some become events")
    #expect(watch.slowest < .seconds(2))
    watch.report("mapping", count, "(\(events) events)")
  }

  private static func bench(_ random: inout TestRandom) throws -> MapperBench {
    var bench = try MapperBench()
    func pick() -> MappingSource { MapperBench.source(pointers[random.below(pointers.count)], ["camera"]) }
    func mostly(_ pointer: String) -> [MappingSource] {
      random.below(5) == 0 ? [pick(), pick()] : [MapperBench.source(pointer)]
    }
    bench.rules[0].payload = random.below(10) == 0 ? .text : .json
    bench.rules[0].countMode = random.below(5) == 0 ? .total : .delta
    if random.below(4) == 0 { bench.rules[0].each = JSONPointer(["", "/x", "/0"][random.below(3)]) }
    bench.rules[0].fields[.workerID] = mostly("/worker_id")
    bench.rules[0].fields[.workstationID] = mostly("/workstation_id")
    bench.rules[0].fields[.eventType] = mostly("/event_type")
    bench.rules[0].fields[.confidence] = mostly("/confidence")
    bench.rules[0].fields[.timestamp] = mostly("/timestamp")
    bench.rules[0].fields[.timestamp]?[0].unit =
      random.below(3) == 0 ? TimeUnit.allCases[random.below(TimeUnit.allCases.count)] : nil
    if random.below(3) == 0 { bench.rules[0].fields[.count] = [pick()] }
    if random.below(4) == 0 {
      bench.rules[0].conditions = [
        MappingCondition(pick(), values: random.below(2) == 0 ? [] : ["1", "working"])
      ]
    }
    return bench
  }

  @Test func anyPointerIsReadOrRefused() {
    var random = TestRandom(seed: Seed.one)
    let letters = ["/", "~", "0", "1", "a", "é", "\"", "\\", "\u{0}", "{", "$"]
    for _ in 0..<Fuzz.inputs(20_000) {
      let text = (0..<random.below(8)).map { _ in letters[random.below(letters.count)] }
        .joined()
      guard let pointer = JSONPointer(text) else { continue }
      #expect(pointer.description == text)
    }
  }

  /// The filter of a matching pattern also matches at a broker, and overlaps itself.
  @Test func anyTopicMatchesAsABrokerWould() {
    var random = TestRandom(seed: Seed.one)
    let levels = ["a", "b", "", "+", "#", "{x}", "{y}", "é", "$s"]
    var matched = 0
    for _ in 0..<Fuzz.inputs(20_000) {
      let text = (0...random.below(4)).map { _ in levels[random.below(levels.count)] }.joined(separator: "/")
      let topic = (0...random.below(4)).map { _ in ["a", "b", "", "é"][random.below(4)] }.joined(
        separator: "/")
      guard let pattern = try? TopicPattern(text) else { continue }
      let isMatch = pattern.match(topic) != nil
      if isMatch { matched += 1 }
      #expect(isMatch == TopicPattern.overlap(pattern.filter, topic), "\(text) and \(topic)")
      #expect(TopicPattern.overlap(pattern.filter, pattern.filter))
    }
    #expect(matched > 100)
  }
}
