import AndonCore
import TestSupport
import Testing

@Suite struct ConfidenceLowEncodingTests {
  private static let seeds = Seed.many(1..<41)

  @Test func anEmptyRuleComesBack() {
    let rule = ConfidenceLowRule(settings: DriftSettings())
    #expect(ConfidenceLowRule(encoded: rule.encoded(), settings: DriftSettings()) == rule)
  }

  @Test(arguments: seeds) func aRuleThatWasStoredGoesOnIdentically(seed: UInt64) {
    var random = DriftRandom(seed: seed)
    let settings = DriftStream.randomSettings(using: &random)
    var straight = ConfidenceLowRule(settings: settings)
    var stored = straight
    for sample in DriftStream.random(250, using: &random) {
      if Int.random(in: 0..<5, using: &random) == 0 {
        guard let restored = ConfidenceLowRule(encoded: stored.encoded(), settings: settings) else {
          Issue.record("seed \(seed): \(stored) does not come back")
          return
        }
        stored = restored
      }
      let (told, toldByStored) = (straight.apply(sample), stored.apply(sample))
      guard told == toldByStored, straight == stored, straight.encoded() == stored.encoded() else {
        Issue.record("seed \(seed): \(stored) is not \(straight)")
        return
      }
    }
  }

  @Test func aWindowOfAHundredIsCompact() {
    var stream = DriftStream()
    stream.add(150, 700_000, everyMs: 1000)
    #expect(stream.folded(DriftSettings()).rule.encoded().count < 800)
  }

  @Test(arguments: [
    DriftSettings(window: 99), DriftSettings(limitPpm: 740_000), DriftSettings(clearLimitPpm: 790_000),
    DriftSettings(onDelayMs: 0), DriftSettings(gapCreditMs: 1), DriftSettings(clearDelayMs: 1),
  ])
  func aStateOfOtherSettingsIsRefused(settings: DriftSettings) {
    var stream = DriftStream()
    stream.add(120, 900_000, everyMs: 1000)
    let bytes = stream.folded(DriftSettings()).rule.encoded()
    #expect(ConfidenceLowRule(encoded: bytes, settings: DriftSettings()) != nil)
    #expect(ConfidenceLowRule(encoded: bytes, settings: settings) == nil)
  }

  @Test func everyTruncationAndEveryTrailingByteIsRefused() {
    var stream = DriftStream()
    stream.add(8, 700_000, everyMs: 600_000)
    let settings = DriftSettings(window: 3)
    let bytes = stream.folded(settings).rule.encoded()
    for count in 0..<bytes.count {
      #expect(ConfidenceLowRule(encoded: Array(bytes.prefix(count)), settings: settings) == nil)
    }
    #expect(ConfidenceLowRule(encoded: bytes + [0], settings: settings) == nil)
  }

  @Test func anotherVersionIsRefused() {
    var bytes = ConfidenceLowRule(settings: DriftSettings()).encoded()
    bytes[0] &+= 1
    #expect(ConfidenceLowRule(encoded: bytes, settings: DriftSettings()) == nil)
  }

  @Test(arguments: seeds) func randomBytesAreRefused(seed: UInt64) {
    var random = DriftRandom(seed: seed)
    for _ in 0..<500 {
      let count = Int.random(in: 0...200, using: &random)
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
      #expect(ConfidenceLowRule(encoded: bytes, settings: DriftSettings()) == nil, "seed \(seed)")
    }
  }

  /// Damage may by chance give another valid state; that must be valid in every respect: it encodes to the
  /// same bytes and takes the next sample.
  @Test(arguments: seeds) func damagedBytesAreRefusedOrLegal(seed: UInt64) {
    var random = DriftRandom(seed: seed)
    let settings = DriftStream.randomSettings(using: &random)
    var rule = ConfidenceLowRule(settings: settings)
    for sample in DriftStream.random(60, using: &random) {
      rule.apply(sample)
      let bytes = rule.encoded()
      for _ in 0..<30 {
        let damaged = Self.damage(bytes, using: &random)
        guard var read = ConfidenceLowRule(encoded: damaged, settings: settings) else { continue }
        #expect(read.encoded() == damaged, "seed \(seed)")
        read.apply(DriftStream.sample((read.lastSample?.timestampMs ?? 0) + 1, 800_000))
      }
    }
  }

  private static func damage(_ bytes: [UInt8], using random: inout DriftRandom) -> [UInt8] {
    var damaged = bytes
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let position = Int.random(in: 0..<damaged.count, using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0: damaged[position] = [0, 1, 0x7f, 0x80, 0xff].randomElement(using: &random)!
      case 1: damaged[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 2: damaged.insert(.random(in: 0...255, using: &random), at: position)
      default: if damaged.count > 1 { damaged.remove(at: position) }
      }
    }
    return damaged
  }
}
