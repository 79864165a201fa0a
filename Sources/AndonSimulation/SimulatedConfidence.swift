import AndonRuntime
import Foundation

/// How sure a camera's model is: a mean of 0.88 that wanders slowly and follows the light of the day.
struct SimulatedConfidence: Sendable {
  private var wander = 0.0
  /// How long the loss takes; nil for a camera that stays well.
  private let lossOverMs: Int64?

  init(lossOverMs: Int64?) { self.lossOverMs = lossOverMs }

  /// Millionths, to three places as models print them. `sinceStartMs` counts from the start of the span.
  mutating func next(hourOfDay: Double, sinceStartMs: Int64, random: inout SplitMix64) -> Int32 {
    wander = 0.97 * wander + 0.008 * random.normal()
    let light = 0.02 * cos((hourOfDay - 13) / 24 * 2 * .pi)
    // The lens gets dirty and stays so.
    let loss = lossOverMs.map { 0.20 * min(1, Double(sinceStartMs) / Double(max(1, $0))) } ?? 0
    let value = min(0.999, max(0.30, 0.88 + light + wander - loss + 0.05 * random.normal()))
    return Int32(value * 1000) * 1000
  }
}
