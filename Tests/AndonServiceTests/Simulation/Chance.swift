/// The random numbers of one simulation, and how likely each fault is. One seed, one run.
final class Chance {
  /// In thousandths; all 0 in the liveness phase.
  struct Rates {
    var connectFails = 0
    var connectionBreaks = 0
    var flushBreaks = 0
    var diskFails = 0
    var processDies = 0
    var powerCuts = 0
    var sessionLost = 0
    var brokerRestarts = 0
    var clockSteps = 0
    var subscriptionRefused = 0
    /// The process dies after a commit, before it answers any sender.
    var answersLost = 0
    var posterGivesUp = 0
    var reloads = 0
    var housekeeps = 0
    var opensTwice = 0
  }

  var rates = Rates()
  private var random: SeededRandom

  init(seed: UInt64) { random = SeededRandom(state: seed) }

  func below(_ bound: Int) -> Int { bound <= 1 ? 0 : Int(random.next() % UInt64(bound)) }
  func happens(_ rate: KeyPath<Rates, Int>) -> Bool { below(1000) < rates[keyPath: rate] }
  func number() -> UInt64 { random.next() }

  /// For code that needs a `RandomNumberGenerator`.
  func withGenerator<Result>(_ body: (inout SeededRandom) -> Result) -> Result { body(&random) }

  /// Chooses this run's mixture of faults: some are absent, some frequent.
  func mixRates() {
    func rate(_ most: Int) -> Int { below(3) == 0 ? 0 : below(most) }
    rates = Rates(
      connectFails: rate(300), connectionBreaks: rate(80), flushBreaks: rate(80), diskFails: rate(60),
      processDies: rate(60), powerCuts: rate(40), sessionLost: rate(20), brokerRestarts: rate(20),
      clockSteps: rate(5), subscriptionRefused: rate(100), answersLost: rate(20), posterGivesUp: rate(40),
      reloads: rate(25), housekeeps: rate(80), opensTwice: rate(20))
  }
}
