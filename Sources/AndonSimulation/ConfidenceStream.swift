package import AndonCore
import AndonRuntime
import Foundation

/// The confidences of one camera in the drift benchmark: seeded, generated on demand.
///
/// A beta distribution with mean 0.88 and deviation 0.06. 30 % of the variance change within ten minutes and
/// 10 % within a day (Ornstein-Uhlenbeck), ±0.03 follow the daylight; events come at random (Poisson).
package struct ConfidenceStream {
  private var random: SplitMix64
  private let ratePerHour: Double
  private var fast = 0.0
  private var slow = 0.0
  package private(set) var atMs: Int64
  private var number = 0
  /// The hour of the brightest light, different for every camera.
  private let noonHour: Double

  package static let mean = 0.88

  package init(seed: UInt64, ratePerHour: Double, startMs: Int64) {
    random = SplitMix64(seed: seed)
    self.ratePerHour = ratePerHour
    atMs = startMs
    fast = random.normal()
    slow = random.normal()
    noonHour = 24 * random.unit()
  }

  /// The next event; `level` returns the camera's mean at a time, degradation included.
  package mutating func next(level: (Int64) -> Double) -> DriftSample {
    let gapHours = -log(1 - random.unit()) / ratePerHour
    atMs += max(1, Int64(gapHours * 3_600_000))
    fast = Self.wander(fast, gapHours * 6, &random)
    slow = Self.wander(slow, gapHours / 24, &random)
    let latent = 0.6.squareRoot() * random.normal() + 0.3.squareRoot() * fast + 0.1.squareRoot() * slow
    let hour = Double(atMs % 86_400_000) / 3_600_000
    let light = 0.03 * cos((hour - noonHour) / 24 * 2 * .pi)
    let value = Self.beta.value(latent) + light + level(atMs) - Self.mean
    number += 1
    return DriftSample(
      timestampMs: atMs, eventID: "", workerID: "W1",
      confidencePpm: Int32(1_000_000 * min(1, max(0, value))))
  }

  /// A step of an Ornstein-Uhlenbeck process of variance 1; `constants` is its length in time constants.
  private static func wander(_ value: Double, _ constants: Double, _ random: inout SplitMix64) -> Double {
    let keep = exp(-constants)
    return keep * value + (1 - keep * keep).squareRoot() * random.normal()
  }

  private static let beta = BetaQuantiles(mean: mean, deviation: 0.06)
}

/// Maps a standard normal value to a beta-distributed one of the same rank, by a table.
struct BetaQuantiles {
  private let values: [Double]
  /// The table covers −6 to 6.
  private static let span = 6.0
  private static let steps = 2400

  init(mean: Double, deviation: Double) {
    let sum = mean * (1 - mean) / (deviation * deviation) - 1
    let (a, b) = (mean * sum, (1 - mean) * sum)
    // The distribution function by the trapezoid rule, fine enough for a benchmark.
    let cells = 20_000
    var cumulated = [0.0]
    for cell in 0..<cells {
      let x = (Double(cell) + 0.5) / Double(cells)
      cumulated.append(cumulated[cell] + exp((a - 1) * log(x) + (b - 1) * log(1 - x)))
    }
    let total = cumulated[cells]
    var cell = 0
    values = (0...Self.steps).map { step in
      let z = (Double(step) / Double(Self.steps) * 2 - 1) * Self.span
      let rank = 0.5 * erfc(-z / 2.0.squareRoot()) * total
      while cell < cells, cumulated[cell + 1] < rank { cell += 1 }
      let width = cumulated[min(cell + 1, cells)] - cumulated[cell]
      let part = width > 0 ? (rank - cumulated[cell]) / width : 0
      return (Double(cell) + part) / Double(cells)
    }
  }

  func value(_ z: Double) -> Double {
    let place = (min(max(z, -Self.span), Self.span) / Self.span + 1) / 2 * Double(Self.steps)
    let index = min(Int(place), Self.steps - 1)
    return values[index] + (values[index + 1] - values[index]) * (place - Double(index))
  }
}
