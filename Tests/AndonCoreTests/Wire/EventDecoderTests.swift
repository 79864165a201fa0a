import AndonCore
import Foundation
import TestSupport
import Testing

@Suite struct EventDecoderTests {
  static let nowMs: Int64 = 1_768_472_100_000  // 2026-01-15T10:15:00Z
  static let good =
    #"{"timestamp":"2026-01-15T10:15:00.250Z","worker_id":"W1","workstation_id":"S3","event_type":"working","confidence":0.93}"#

  static func decode(_ bytes: [UInt8]) -> [DecodedItem] {
    var items: [DecodedItem] = []
    let context = DecodeContext(
      siteID: "plant-a", cameraID: "cam-01", nowMs: nowMs, maxAgeMs: 7 * 86_400_000, maxFutureMs: 60_000)
    EventDecoder().decode(bytes.span, context: context, into: &items)
    return items
  }

  static func decode(_ text: String) -> [DecodedItem] { decode(Array(text.utf8)) }

  /// The good event with the text of members replaced or, for an empty text, left out.
  static func event(_ changes: [String: String]) -> String {
    var members = [
      "timestamp": #""2026-01-15T10:15:00Z""#, "worker_id": #""W1""#, "workstation_id": #""S3""#,
      "event_type": #""working""#, "confidence": "0.93",
    ]
    for (key, value) in changes { members[key] = value.isEmpty ? nil : value }
    return "{" + members.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
      + "}"
  }

  private func accepted(_ text: String) -> Event? {
    guard case .event(let event)? = Self.decode(text).first else { return nil }
    return event
  }

  /// A field is recognized by its whole name: a name that differs in one letter is another field.
  @Test func aFieldWhoseNameDiffersInOneLetterIsUnknown() {
    let good = Self.event(["model_version": #""m1""#, "event_id": #""e1""#, "site_id": #""plant-a""#])
    #expect(accepted(good) != nil)
    for name in ["timestamp", "event_type", "worker_id", "workstation_id", "confidence"] {
      for position in name.indices {
        var wrong = name
        wrong.replaceSubrange(position...position, with: "z")
        let text = good.replacing("\"\(name)\"", with: "\"\(wrong)\"")
        #expect(rejection(text)?.field == name, "\(wrong)")
      }
    }
    // Wrong values of optional fields count only under their own names.
    for name in ["count", "model_version", "event_id", "site_id", "camera_id"] {
      #expect(rejection(good.replacing("}", with: ",\"\(name)x\":false}")) == nil)
      for position in name.indices {
        var other = name
        other.replaceSubrange(position...position, with: "z")
        #expect(accepted(Self.event([other: "false"])) != nil, "\(other)")
      }
      #expect(rejection(Self.event([name: "false"]))?.field == name)
    }
  }

  @Test func aSiteThatDiffersInOneByteIsAMismatch() {
    for length in 1...40 {
      let site = String(repeating: "s", count: length)
      var context = DecodeContext(
        siteID: site, cameraID: "cam-01", nowMs: Self.nowMs, maxAgeMs: 7 * 86_400_000, maxFutureMs: 60_000)
      for position in 0..<length {
        var other = Array(site.utf8)
        other[position] = UInt8(ascii: "t")
        context.siteID = String(decoding: other, as: UTF8.self)
        var items: [DecodedItem] = []
        let bytes = Array(Self.event(["site_id": "\"\(site)\""]).utf8)
        EventDecoder().decode(bytes.span, context: context, into: &items)
        guard case .rejected(let rejection, _)? = items.first else {
          Issue.record("\(context.siteID) is taken for \(site)")
          return
        }
        #expect(rejection.code == .mismatch)
      }
    }
  }

  @Test func aKindThatDiffersInOneLetterIsNone() {
    for name in ["working", "idle", "absent", "product_count"] {
      #expect(accepted(Self.event(["event_type": "\"\(name)\""]))?.kind.name == name)
      #expect(
        accepted(
          Self.event(["event_type": "\"\\u00\(String(name.utf8.first!, radix: 16))\(name.dropFirst())\""]))?
          .kind.name == name)
      for position in name.indices {
        var wrong = name
        wrong.replaceSubrange(position...position, with: "z")
        #expect(rejection(Self.event(["event_type": "\"\(wrong)\""]))?.field == "event_type")
      }
    }
  }

  private func rejection(_ text: String) -> Rejection? {
    let items = Self.decode(text)
    guard items.count == 1, case .rejected(let rejection, _)? = items.first else { return nil }
    return rejection
  }

  @Test func everyFieldIsRead() {
    let text =
      #" {"timestamp":"2026-01-15T10:15:02Z","worker_id":17,"workstation_id":"S3","event_type":"product_count","confidence":0.97,"count":2,"event_id":"01KAHT3W5X6G9Q7Z2M4N8R0BCE","model_version":"yolo \u00e9\ud83d\ude00","site_id":"plant-a","camera_id":"cam-01","extra":{"a":[1,null,true]}} "#
    let expected = Event(
      timestampMs: Self.nowMs + 2000, workerID: "17", workstationID: "S3", kind: .productCount,
      confidencePpm: 970_000, count: 2, eventID: "01KAHT3W5X6G9Q7Z2M4N8R0BCE", modelVersion: "yolo é😀")
    #expect(accepted(text) == expected)
  }

  @Test func productCountNeedsNeitherWorkerNorConfidenceNorCount() {
    let event = accepted(
      Self.event(["event_type": #""product_count""#, "worker_id": "", "confidence": ""]))
    #expect(event?.workerID == "" && event?.confidencePpm == nil && event?.count == 1)
  }

  @Test(arguments: [
    ("0.6999999", 699_999), ("0.7", 700_000), ("1", 1_000_000), ("1.0000000", 1_000_000), ("0", 0),
    ("-0.0", 0),
    ("9.3e-1", 930_000), ("0.93E0", 930_000), ("93e-2", 930_000), ("0.0000001", 0), ("1e-400", 0),
    ("0.7499999999999999999999", 749_999), ("10e-1", 1_000_000), ("0.00093e3", 930_000),
  ])
  func confidenceIsExact(_ text: String, _ ppm: Int32) {
    #expect(accepted(Self.event(["confidence": text]))?.confidencePpm == ppm)
  }

  @Test(arguments: [
    ("confidence", "95", "must be <= 1"), ("confidence", "1.0000001", "must be <= 1"),
    ("confidence", "1e400", "must be <= 1"), ("confidence", "-0.1", "must be >= 0"),
    ("confidence", #""0.9""#, "must be a number from 0 to 1"),
    ("confidence", "true", "must be a number from 0 to 1"),
    ("confidence", "null", "must be a number from 0 to 1"), ("confidence", "", "is required"),
    ("event_type", #""dancing""#, "must be working, idle, absent or product_count"),
    ("event_type", "", "is required"), ("worker_id", "", "is required"),
    ("workstation_id", "", "is required"),
    ("timestamp", "", "is required"),
    ("timestamp", "null", "must be a string or an integer of epoch milliseconds"),
    ("worker_id", #""../W1""#, "must be 1 to 64 of [A-Za-z0-9_-], beginning with a letter or digit"),
    ("worker_id", "1.5", "must be 1 to 64 of [A-Za-z0-9_-], beginning with a letter or digit"),
    ("worker_id", "-1", "must be 1 to 64 of [A-Za-z0-9_-], beginning with a letter or digit"),
    ("workstation_id", #""""#, "must be 1 to 64 of [A-Za-z0-9_-], beginning with a letter or digit"),
    ("count", "1", "is only for product_count"),
    ("event_id", "7", "must be a string of 1 to 64 of [A-Za-z0-9._:-]"),
    ("event_id", #""a b""#, "must be a string of 1 to 64 of [A-Za-z0-9._:-]"),
    ("model_version", #""""#, "must be a string of 1 to 64 printable characters"),
    ("model_version", #""a\nb""#, "must be a string of 1 to 64 printable characters"),
  ])
  func aFieldThatBreaksItsRuleIsNamed(_ field: String, _ value: String, _ detail: String) {
    let rejection = rejection(Self.event([field: value]))
    #expect(rejection == Rejection(code: .schema, field: field, detail: detail))
  }

  @Test(arguments: ["-1", "1.5", "9223372036854775808", #""7""#, "1000000000000", "1e2", "10001"])
  func fault28_countsOutOfRangeAreRejected(_ count: String) {
    let rejection = rejection(Self.event(["event_type": #""product_count""#, "count": count]))
    #expect(rejection?.code == .schema && rejection?.field == "count")
  }

  @Test(arguments: [
    ("2026-01-15T10:15:00", "must carry an offset, Z or ±hh:mm"),
    ("2026-02-30T10:15:00Z", "must name a time that exists: no such day"),
    ("2026-01-15T24:00:00Z", "must name a time that exists: no such hour"),
    ("2026-01-15T10:15:60Z", "must name a time that exists: no such second"),
    ("2026-13-15T10:15:00Z", "must name a time that exists: no such month"),
    ("2026-01-15T10:15:00+24:00", "must name a time that exists: no such offset"),
  ])
  func fault25_badTimestampsSayWhy(_ text: String, _ detail: String) {
    let rejection = rejection(Self.event(["timestamp": "\"\(text)\""]))
    #expect(rejection == Rejection(code: .timestamp, field: "timestamp", detail: detail))
  }

  @Test(arguments: [
    "2026-01-15 10:15:00Z", "2026-01-15T10:15:00Zx", "2026-01-15T10:15:00.Z", "２026-01-15T10:15:00Z",
    "2026-01-15T10:15Z", "20260115T101500Z", "",
  ])
  func fault25_malformedTimestampsAreRejected(_ text: String) {
    #expect(rejection(Self.event(["timestamp": "\"\(text)\""]))?.code == .timestamp)
  }

  @Test(arguments: [
    ("2026-01-15T10:15:00.123456789Z", 123), ("2026-01-15t10:15:00z", 0), ("2026-01-15T16:00:00+05:45", 0),
    ("2026-01-15T05:15:00.9-05:00", 900), ("2026-01-15T10:15:00.0019Z", 1),
  ])
  func fault25_legalTimestampsAreExact(_ text: String, _ milliseconds: Int64) {
    #expect(accepted(Self.event(["timestamp": "\"\(text)\""]))?.timestampMs == Self.nowMs + milliseconds)
  }

  @Test(arguments: [
    ("0", RejectionCode.tooOld), ("1768472100", .tooOld), ("1768472100000000", .tooFuture),
    (#""9999-12-31T23:59:59Z""#, .tooFuture), (#""1970-01-01T00:00:00Z""#, .tooOld), ("1e3", .timestamp),
    ("99999999999999999999", .timestamp), ("1768472160001", .tooFuture), ("1767867299999", .tooOld),
  ])
  func fault24_timesOutOfReachAreRejected(_ value: String, _ code: RejectionCode) {
    #expect(rejection(Self.event(["timestamp": value]))?.code == code)
  }

  @Test(arguments: ["1768472160000", "1767867300000"])
  func theEdgesOfTheAgeAreIn(_ value: String) {
    #expect(accepted(Self.event(["timestamp": value])) != nil)
  }

  @Test func idsThatContradictTheTopicAreAMismatch() {
    #expect(rejection(Self.event(["site_id": #""plant-b""#]))?.code == .mismatch)
    #expect(rejection(Self.event(["camera_id": #""cam-02""#]))?.field == "camera_id")
  }

  @Test(arguments: [
    "{", "}", "[", #"{"a":1,}"#, "[1,]", "nul", #"{"a":01}"#, #"{"a":1.}"#, #"{"a":.5}"#, #"{"a":+1}"#, "NaN",
    #"{"a":1}{"b":2}"#, #"{"a":1} x"#, "{'a':1}", "\u{FEFF}{}", #"{"a":"\x"}"#, #"{"a":"\u12"}"#,
    #"{"a":"\ud800"}"#, #"{"a":"\udc00"}"#, #"{"a":"\u0000"}"#, "{\"a\":\"\u{1}\"}", #"{"a":1,"a":2}"#,
    #"{"a":{"b":1,"b":2}}"#, #"{"a":1,"\u0061":2}"#, #"{"timestamp":1,"timestamp":2}"#, "[[[[[[[[[]]]]]]]]]",
  ])
  func fault30_whatIsNoJSONIsOneRejection(_ text: String) {
    #expect(rejection(text)?.code == .json)
  }

  @Test(arguments: [
    [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80], [0xE2, 0x82], [0xFF], [0xC1, 0x81],
    [0xF8, 0x88, 0x80, 0x80, 0x80], [0x00],
  ])
  func fault29_badUTF8IsRejected(_ bytes: [UInt8]) {
    let items = Self.decode(Array(#"{"a":""#.utf8) + bytes + Array(#""}"#.utf8))
    guard items.count == 1, case .rejected(let rejection, _) = items[0] else {
      Issue.record("one rejection expected")
      return
    }
    #expect(rejection.code == .json)
  }

  @Test func fault29_UTF16BodiesAreRejected() {
    let items = Self.decode(Self.good.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] })
    #expect(items.count == 1)
  }

  @Test func fault30_deepAndHugeInputIsBounded() {
    #expect(rejection(String(repeating: "[", count: 200_000))?.code == .json)
    #expect(rejection(String(repeating: "{\"a\":", count: 20_000))?.code == .json)
    let long = Self.event(["confidence": "0." + String(repeating: "9", count: 7000)])
    #expect(accepted(long)?.confidencePpm == 999_999)
    #expect(rejection(String(repeating: " ", count: 262_145))?.code == .tooLarge)
    #expect(
      rejection(Self.event(["x": "\"" + String(repeating: "x", count: 9000) + "\""]))?.code == .tooLarge)
  }

  @Test func scalarsAndEmptyArraysAreNoEvents() {
    for text in ["1", "\"x\"", "null", "[]"] { #expect(rejection(text)?.code == .schema) }
    #expect(Self.decode([]).isEmpty)
  }

  @Test func anArrayIsTakenItemByItem() {
    let items = Self.decode("[\(Self.good),{\"a\":1},7,\(Self.good)]")
    #expect(items.count == 4)
    guard case .event = items[0], case .rejected(let second, let range) = items[1], case .rejected = items[2],
      case .event = items[3]
    else {
      Issue.record("good, bad, bad, good expected")
      return
    }
    #expect(second.code == .schema && range == 1 + Self.good.utf8.count + 1..<1 + Self.good.utf8.count + 8)
  }

  @Test func anArrayBrokenAtItsEndYieldsNoEvent() {
    let items = Self.decode("[\(Self.good),\(Self.good)")
    #expect(items.count == 1)
  }

  @Test func tooManyEventsAreOneRejection() {
    let text = "[" + Array(repeating: Self.good, count: 1001).joined(separator: ",") + "]"
    #expect(rejection(text)?.code == .tooLarge)
  }

  @Test func theSendersIdIsInTheRejection() {
    #expect(rejection(Self.event(["confidence": "2", "event_id": #""e-1""#]))?.eventID == "e-1")
  }

  /// The decoder reads what Foundation writes to the same values.
  @Test(.seeded) func agreesWithFoundationOnValidInput() throws {
    let seed = Seed.one
    var random = TestRandom(seed: seed)
    for _ in 0..<2000 {
      let timestampMs = Self.nowMs - Int64(random.below(1_000_000))
      let confidence = random.below(1001)
      let object: [String: Any] = [
        "timestamp": timestampMs, "worker_id": "W\(random.below(100))",
        "workstation_id": "S\(random.below(9))",
        "event_type": ["working", "idle", "absent"][random.below(3)], "confidence": Double(confidence) / 1000,
        "model_version": String(
          (0..<1 + random.below(8)).map { _ in "aé😀\"\\/\u{2027}".randomElement(using: &random) ?? "a" }),
      ]
      let data = try JSONSerialization.data(withJSONObject: object)
      guard case .event(let event)? = Self.decode(Array(data)).first else {
        Issue.record("seed \(seed): \(String(decoding: data, as: UTF8.self)) was rejected")
        return
      }
      #expect(event.timestampMs == timestampMs, "seed \(seed)")
      #expect(event.workerID == object["worker_id"] as? String, "seed \(seed)")
      #expect(event.modelVersion == object["model_version"] as? String, "seed \(seed)")
      // Foundation may print 0.57 as 0.56999999999999995: hence the tolerance of a millionth.
      #expect(abs(Int(event.confidencePpm ?? 0) - confidence * 1000) <= 1, "seed \(seed)")
    }
  }

  /// Damaged bytes never trap and always give an item, and everything accepted is JSON for Foundation too.
  @Test(.seeded) func mutatedInputIsJudgedAndNeverTraps() {
    let seed = Seed.one
    var random = TestRandom(seed: seed)
    let alphabet = Array("{}[]\",:\\u0123456789eE+-. tfn\u{80}\u{0}".utf8)
    for _ in 0..<20_000 {
      var bytes = Array((random.below(2) == 0 ? Self.good : "[\(Self.good),{\"a\":[1,{}]}]").utf8)
      for _ in 0...random.below(4) {
        let place = random.below(bytes.count)
        switch random.below(3) {
        case 0: bytes[place] = alphabet[random.below(alphabet.count)]
        case 1: bytes.insert(alphabet[random.below(alphabet.count)], at: place)
        default: bytes.remove(at: place)
        }
      }
      let items = Self.decode(bytes)
      #expect(!items.isEmpty, "seed \(seed)")
      guard items.contains(where: { if case .event = $0 { true } else { false } }) else { continue }
      #expect(throws: Never.self, "seed \(seed)") { try JSONSerialization.jsonObject(with: Data(bytes)) }
    }
  }
}
