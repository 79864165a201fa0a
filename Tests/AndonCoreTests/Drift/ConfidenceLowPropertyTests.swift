import AndonCore
import TestSupport
import Testing

/// Each argument is a seed; a failure names it.
@Suite struct ConfidenceLowPropertyTests {
  private static let seeds = Seed.many(1..<61)

  @Test(arguments: seeds) func theRuleEqualsTheDefinition(seed: UInt64) {
    var random = DriftRandom(seed: seed)
    let settings = DriftStream.randomSettings(using: &random)
    let samples = DriftStream.random(250, using: &random)
    let oracle = ConfidenceLowOracle(samples: samples, settings: settings)
    var rule = ConfidenceLowRule(settings: settings)
    var transitions: [DriftTransition] = []
    for (index, sample) in samples.enumerated() {
      if let transition = rule.apply(sample) { transitions.append(transition) }
      let verdict = oracle.verdict(index)
      let isEqual =
        rule.state == verdict.state && rule.activeMs == verdict.activeMs
        && rule.meanPpm == oracle.meanPpm(index) && rule.sampleCount == min(index + 1, settings.window)
      guard isEqual else {
        Issue.record("seed \(seed), sample \(index): \(rule.state) \(rule.activeMs), not \(verdict)")
        return
      }
    }
    #expect(transitions == oracle.transitions, "seed \(seed)")
  }

  /// The streams are useful only if they reach all transitions.
  @Test func theStreamsReachEveryTransition() {
    var seen: [DriftTransition.Kind: Int] = [:]
    for seed in Self.seeds {
      var random = DriftRandom(seed: seed)
      var rule = ConfidenceLowRule(settings: DriftStream.randomSettings(using: &random))
      for sample in DriftStream.random(250, using: &random) {
        if let kind = rule.apply(sample)?.kind { seen[kind, default: 0] += 1 }
      }
    }
    for kind in [DriftTransition.Kind.pending, .raised, .withdrawn, .cleared] {
      #expect(seen[kind, default: 0] >= 20, "\(seen)")
    }
  }

  @Test(arguments: seeds) func theOrderOfArrivalDoesNotMatter(seed: UInt64) {
    var random = DriftRandom(seed: seed)
    let settings = DriftStream.randomSettings(using: &random)
    let samples = DriftStream.random(250, using: &random)
    let rules = [samples, samples.shuffled(using: &random)].map { arrived in
      var rule = ConfidenceLowRule(settings: settings)
      for sample in arrived.sorted() { rule.apply(sample) }
      return rule
    }
    #expect(rules[0] == rules[1] && rules[0].encoded() == rules[1].encoded(), "seed \(seed)")
  }
}
