import AndonCore
import Foundation
import TestSupport
import Testing

/// Random input by the grammar: nothing traps, everything is judged, and Foundation agrees where it can tell.
@Suite(.seeded) struct WireFuzzTests {
  private static let nowMs: Int64 = 1_768_472_100_000
  private static let context = DecodeContext(
    siteID: "plant-a", cameraID: "cam-01", nowMs: nowMs, maxAgeMs: 604_800_000, maxFutureMs: 60_000)

  /// No input of this size may take longer, by far, even in a debug build on a busy machine.
  private static let mostPerInput: Duration = .seconds(2)

  @Test func anyPayloadIsJudgedAsFoundationWould() {
    var grammar = JSONGrammar(seed: Seed.one)
    var watch = Fuzz.Stopwatch()
    let decoder = EventDecoder()
    let count = Fuzz.inputs(20_000)
    var events = 0
    for index in 0..<count {
      let bytes = grammar.next()
      var items: [DecodedItem] = []
      watch.time { decoder.decode(bytes.span, context: Self.context, into: &items) }
      let shown = "seed \(Seed.one), input \(index): \(String(decoding: bytes, as: UTF8.self))"
      if items.isEmpty != bytes.isEmpty { Issue.record("no verdict: \(shown)") }
      compare(items, bytes, shown)
      events += items.count { if case .event = $0 { true } else { false } }
    }
    #expect(events > count / 10, "the grammar makes events, too")
    #expect(watch.slowest < Self.mostPerInput)
    watch.report("decoder", count, "(\(events) events)")
  }

  private func compare(_ items: [DecodedItem], _ bytes: [UInt8], _ shown: String) {
    let isRefusedAsText = items.contains {
      if case .rejected(let rejection, _) = $0 { rejection.code == .json } else { false }
    }
    guard !isRefusedAsText, !bytes.isEmpty else { return }
    // What the scanner accepts is JSON.
    guard let object = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed) else {
      // Foundation refuses numbers that a Double cannot hold; RFC 8259 does not.
      if bytes.contains(UInt8(ascii: "e")) || bytes.contains(UInt8(ascii: "E")) { return }
      Issue.record("taken for JSON: \(shown)")
      return
    }
    let objects = (object as? [Any]) ?? [object]
    guard objects.count == items.count else { return }
    for (item, object) in zip(items, objects) {
      guard case .event(let event) = item else { continue }
      guard let fields = object as? [String: Any] else {
        Issue.record("an event that is no object: \(shown)")
        continue
      }
      let kind = fields["event_type"] as? String
      if event.kind.name != kind { Issue.record("event_type \(event.kind.name): \(shown)") }
      if let worker = fields["worker_id"] as? String, worker != event.workerID {
        Issue.record("worker_id \(event.workerID): \(shown)")
      }
      if let version = fields["model_version"] as? String, version != event.modelVersion {
        Issue.record("model_version \(event.modelVersion): \(shown)")
      }
      if let confidence = fields["confidence"] as? Double, let ppm = event.confidencePpm,
        abs(confidence * 1_000_000 - Double(ppm)) > 1.001
      {
        Issue.record("confidence \(ppm): \(shown)")
      }
    }
  }

  @Test func anyTimestampIsReadExactlyOrRefused() throws {
    var random = TestRandom(seed: Seed.one)
    var watch = Fuzz.Stopwatch()
    let count = Fuzz.inputs(50_000)
    let strange = Array("0123456789-:.TtZz+ \u{0}９".utf8)
    var calendar = Calendar(identifier: .iso8601)
    calendar.timeZone = .gmt
    var read = 0
    for index in 0..<count {
      var parts = [
        random.below(10_000), random.below(14), random.below(33), random.below(26), random.below(62),
      ]
      parts.append(random.below(62))
      let digits = String(random.below(1_000_000_000))
      let fraction = random.below(2) == 0 ? "" : "." + digits
      let sign = random.below(2) == 0 ? "+" : "-"
      let (hours, minutes) = (random.below(25), random.below(61))
      let zone = random.below(3) == 0 ? "Z" : "\(sign)\(Self.two(hours)):\(Self.two(minutes))"
      var text = Array(
        (String(repeating: "0", count: 4 - String(parts[0]).count) + "\(parts[0])-\(Self.two(parts[1]))"
          + "-\(Self.two(parts[2]))T\(Self.two(parts[3])):\(Self.two(parts[4])):\(Self.two(parts[5]))"
          + fraction + zone).utf8)
      let isMutated = random.below(3) == 0
      if isMutated {
        let place = random.below(text.count)
        switch random.below(3) {
        case 0: text[place] = strange[random.below(strange.count)]
        case 1: text.insert(strange[random.below(strange.count)], at: place)
        default: text.remove(at: place)
        }
      }
      let parsed = watch.time { try? Timestamp.parse(text.span, assumeUTC: false) }
      let shown = "seed \(Seed.one), input \(index): \(String(decoding: text, as: UTF8.self))"
      if let parsed {
        read += 1
        // Written in the canonical form, it is the same moment.
        let canonical = CivilTime.text(epochMs: parsed)
        if let again = try? Timestamp.parse(Array(canonical.utf8).span, assumeUTC: false), again != parsed {
          Issue.record("\(canonical) is \(again), not \(parsed): \(shown)")
        }
      }
      // Foundation's calendar and the proleptic Gregorian calendar agree from 1583 on.
      guard !isMutated, parts[0] >= 1583, index % 16 == 0 else { continue }
      let components = DateComponents(
        year: parts[0], month: parts[1], day: parts[2], hour: parts[3], minute: parts[4], second: parts[5])
      let isDate =
        components.isValidDate(in: calendar) && (zone == "Z" || (hours <= 23 && minutes <= 59))
      if (parsed != nil) != isDate { Issue.record("Foundation says \(isDate): \(shown)") }
      guard isDate, let parsed, let date = calendar.date(from: components) else { continue }
      let offset = zone == "Z" ? 0 : (hours * 60 + minutes) * 60 * (sign == "+" ? 1 : -1)
      let expected = Int64(date.timeIntervalSince1970) - Int64(offset)
      let seconds = parsed >= 0 ? parsed / 1000 : (parsed - 999) / 1000
      if seconds != expected { Issue.record("Foundation says \(expected) s: \(shown)") }
    }
    #expect(read > count / 10)
    #expect(watch.slowest < Self.mostPerInput)
    watch.report("timestamp", count, "(\(read) read)")
  }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  @Test func anyTopicIsOursByteForByteOrNot() {
    var random = TestRandom(seed: Seed.one)
    var watch = Fuzz.Stopwatch()
    let names = TopicNames(root: "andon/v1")
    let levels = [
      "andon", "v1", "plant-a", "camera", "cam-01", "event", "status", "cmd", "alert", "ack", "", "+", "#",
      "..",
      "$SYS", "a\u{301}", "%2e", "_bridge", "event\u{0}", String(repeating: "x", count: 65), "PLANT-A", "/",
      " ",
    ]
    let count = Fuzz.inputs(50_000)
    var ours = 0
    for index in 0..<count {
      var parts = ["andon", "v1", "plant-a", "camera", "cam-01", random.below(2) == 0 ? "event" : "status"]
      for _ in 0..<random.below(3) { parts[random.below(parts.count)] = levels[random.below(levels.count)] }
      if random.below(8) == 0 { parts.append(levels[random.below(levels.count)]) }
      if random.below(8) == 0 { parts.remove(at: random.below(parts.count)) }
      let topic = parts.joined(separator: "/")
      let parsed = watch.time { InboundTopic(topic: topic, root: names.root) }
      guard let parsed else { continue }
      ours += 1
      let again =
        switch parsed {
        case .event(let site, let camera): names.event(site: site, camera: camera)
        case .cameraStatus(let site, let camera): names.cameraStatus(site: site, camera: camera)
        case .command(let site, let group, let name): "\(names.root)/\(site)/cmd/\(group)/\(name)"
        }
      if Array(again.utf8) != Array(topic.utf8) {
        Issue.record("seed \(Seed.one), input \(index): \(topic) was read as \(again)")
      }
    }
    #expect(ours > count / 20)
    #expect(watch.slowest < Self.mostPerInput)
    watch.report("topic", count, "(\(ours) ours)")
  }
}
