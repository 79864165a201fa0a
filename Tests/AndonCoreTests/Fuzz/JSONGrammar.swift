/// Makes texts that are JSON, almost JSON, or events with a mistake, by the grammar and then by mutation.
struct JSONGrammar {
  private var random: TestRandom
  private static let strange = Array("{}[]\",:\\u0123456789eE+-. tfnal\u{0}\u{7F}".utf8)
  private static let keys = [
    "timestamp", "worker_id", "workstation_id", "event_type", "confidence", "count", "model_version",
    "event_id",
    "site_id", "camera_id", "x", "", "a\\u0062", "\\ud83d\\ude00", "timest\\u0061mp",
  ]
  private static let texts = [
    "working", "idle", "absent", "product_count", "W1", "plant-a", "cam-01", "2026-01-15T10:15:00.250Z",
    "2026-01-15t10:15:00+05:45", "", "é😀", "\\n\\t\\\"", "\\ud800", "\u{2028}", "../x", "NaN",
  ]
  private static let numbers = [
    "0", "-0", "-0.0", "1", "0.7", "0.699999", "1e400", "1E-400", "1.0000001", "1768472100000", "95", "01",
    "1.",
    ".5", "-", "+1", "1e", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "10000",
    "10001",
  ]

  init(seed: UInt64) { random = TestRandom(seed: seed) }

  mutating func next() -> [UInt8] {
    var bytes: [UInt8]
    switch random.below(4) {
    case 0: bytes = Array(value(depth: 0).utf8)
    case 1: bytes = Array("[\((0...random.below(4)).map { _ in event() }.joined(separator: ","))]".utf8)
    default: bytes = Array(event().utf8)
    }
    guard random.below(2) == 0 else { return bytes }
    for _ in 0...random.below(6) { mutate(&bytes) }
    return bytes
  }

  private mutating func mutate(_ bytes: inout [UInt8]) {
    guard !bytes.isEmpty else { return }
    let place = random.below(bytes.count)
    switch random.below(7) {
    case 0: bytes[place] = Self.strange[random.below(Self.strange.count)]
    case 1: bytes.insert(Self.strange[random.below(Self.strange.count)], at: place)
    case 2: bytes.remove(at: place)
    case 3: bytes[place] = UInt8(truncatingIfNeeded: random.below(256))
    case 4: bytes.removeSubrange(place...)
    case 5: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 20)], at: place)
    default: bytes[place] ^= 1 << UInt8(random.below(8))
    }
  }

  private mutating func pick(_ from: [String]) -> String { from[random.below(from.count)] }

  /// An event, mostly valid.
  private mutating func event() -> String {
    var members = [
      #""timestamp":\#(random.below(2) == 0 ? "1768472100000" : #""2026-01-15T10:15:00Z""#)"#,
      #""worker_id":"W\#(random.below(9))""#, #""workstation_id":"S1""#,
      #""event_type":"\#(pick(["working", "idle", "absent"]))""#, #""confidence":0.\#(random.below(1000))"#,
    ]
    for _ in 0..<random.below(3) { members.append(member(depth: 1)) }
    if random.below(4) == 0 { members.remove(at: random.below(members.count)) }
    if random.below(4) == 0 { members.swapAt(0, random.below(members.count)) }
    let space = pick(["", " ", "\n\t"])
    return "{\(space)\(members.joined(separator: ",\(space)"))\(space)}"
  }

  private mutating func member(depth: Int) -> String { "\"\(pick(Self.keys))\":\(value(depth: depth))" }

  private mutating func value(depth: Int) -> String {
    switch random.below(depth > 9 ? 4 : 7) {
    case 0: "\"\(pick(Self.texts))\""
    case 1: pick(Self.numbers)
    case 2: pick(["true", "false", "null"])
    case 3: "\(random.below(1_000_000))"
    case 4, 5: "{\((0..<random.below(4)).map { _ in member(depth: depth + 1) }.joined(separator: ","))}"
    default: "[\((0..<random.below(4)).map { _ in value(depth: depth + 1) }.joined(separator: ","))]"
    }
  }
}
