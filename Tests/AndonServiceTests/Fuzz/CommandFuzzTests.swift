import AndonCore
import Foundation
import Mosquitto
import TestSupport
import Testing

@testable import AndonIngest
@testable import AndonStore

/// Random commands: each is executed or refused with a message, each has one answer, and none traps.
@Suite(.ownThread, .seeded) struct CommandFuzzTests {
  private static let keys = [
    "req_id", "alert_id", "by", "comment", "reason", "duration_s", "from_ms", "to_ms", "id", "camera_id",
    "code",
    "after_id", "to_id", "limit", "all", "level", "else",
  ]
  private static let values = [
    "1", "-1", "0", "1e15", "1e400", "-0.5", "9007199254740993", "true", "null", "\"\"",
    "\"plant-a/drift/cam-01\"",
    "\"schema\"", "\"debug\"", "\"a\\nb\"", "\"\\ud83d\"", "[]", "{}", "[[[[1]]]]", "\"\u{1F600}\"",
    "1500000000000",
  ]
  private static let commands = [
    "alert/ack", "alert/shelve", "alert/unshelve", "alert/confirm", "alert/false_alarm", "kpi/recompute",
    "quarantine/replay", "quarantine/purge", "bridge/log_level", "bridge/republish", "alert/nonsense", "x/y",
  ]

  private func payload(_ random: inout SeededRandom) -> [UInt8] {
    func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
    var members: [String] = []
    for _ in 0..<below(5) {
      members.append("\"\(Self.keys[below(Self.keys.count)])\":\(Self.values[below(Self.values.count)])")
    }
    var bytes = Array("{\(members.joined(separator: ","))}".utf8)
    switch below(10) {
    case 0: bytes = Array("plant-a/drift/cam-0\(below(9))".utf8)
    case 1: bytes = (0..<below(40)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    case 2: bytes = Array(repeating: UInt8(ascii: below(2) == 0 ? "[" : "{"), count: below(9000))
    case 3, 4: for _ in 0...below(3) where !bytes.isEmpty { bytes[below(bytes.count)] = UInt8(below(256)) }
    default: break
    }
    return bytes
  }

  @Test func anyPayloadIsACommandOrARefusalWithWords() {
    let seed = Seed.one
    let count = ProcessInfo.processInfo.environment["ANDON_FUZZ_INPUTS"].flatMap { Int($0) } ?? 20_000
    var random = SeededRandom(state: seed)
    var understood = 0
    var slowest = Duration.zero
    for index in 0..<count {
      let bytes = payload(&random)
      let start = ContinuousClock.now
      let request = CommandRequest(group: "alert", name: "ack", payload: bytes, reply: nil)
      slowest = max(slowest, ContinuousClock.now - start)
      switch request.body {
      case .success(let body):
        understood += 1
        let texts = [
          body.requestID, body.alertID, body.by, body.comment, body.reason, body.cameraID, body.code,
        ]
        if texts.contains(where: { ($0?.utf8.count ?? 0) > CommandRequest.maximumTextBytes }) {
          Issue.record("seed \(seed), input \(index): a text beyond its limit")
        }
        for action in [QuarantineCommand.Action.replay, .purge] { _ = body.order(action) }
      case .failure(let refusal):
        if refusal.detail.isEmpty { Issue.record("seed \(seed), input \(index): refused without a word") }
      }
    }
    #expect(understood > 0 && understood < count)
    #expect(slowest < .seconds(2))
    print("fuzz: commands: \(count) inputs, \(understood) understood, slowest \(slowest), seed \(seed)")
  }

  @Test func everyCommandIsAnsweredOnce() throws {
    let seed = Seed.one
    var random = SeededRandom(state: seed)
    let site = try TestSite()
    for index in 0..<400 {
      let batch = MessageBatch()
      let name = Self.commands[Int(random.next() % UInt64(Self.commands.count))]
      let bytes = payload(&random)
      batch.append(topic: "andon/v1/plant-a/cmd/\(name)", payload: bytes)
      let update = try site.turn.commit(batch)
      if update?.answers.count != 1 {
        Issue.record("seed \(seed), input \(index): \(name) has \(update?.answers.count ?? 0) answers")
      }
      if let answer = update?.answers.first,
        (try? JSONSerialization.jsonObject(with: Data(answer.payload))) == nil
      {
        Issue.record("seed \(seed), input \(index): the answer is no JSON")
      }
    }
    #expect(try site.store.counters().isBalanced)
  }
}
