import AndonRuntime
import Foundation

/// The confidence of a camera's model: a mean of 0.88 that changes slowly and follows the daylight.
struct SimulatedConfidence: Sendable {
  private var wander = 0.0
  /// How long the degradation takes; nil for a camera that stays well.
  private var lossOverMs: Int64?

  private var lossAfterMs: Int64 = 0
  /// How much is lost at the end.
  static let loss = 0.20

  init(lossOverMs: Int64?) { self.lossOverMs = lossOverMs }

  /// Times are those since the start of the span.
  mutating func loseConfidence(afterMs: Int64, overMs: Int64) {
    (lossAfterMs, lossOverMs) = (afterMs, overMs)
  }

  /// Millionths, with three decimals as models print them. `sinceStartMs` counts from the start of the span.
  mutating func next(hourOfDay: Double, sinceStartMs: Int64, random: inout SplitMix64) -> Int32 {
    wander = 0.97 * wander + 0.008 * random.normal()
    let light = 0.02 * cos((hourOfDay - 13) / 24 * 2 * .pi)
    // The lens gets dirty and stays dirty.
    let loss =
      lossOverMs.map { Self.loss * min(1, Double(max(0, sinceStartMs - lossAfterMs)) / Double(max(1, $0))) }
      ?? 0
    let value = min(0.999, max(0.30, 0.88 + light + wander - loss + 0.05 * random.normal()))
    return Int32(value * 1000) * 1000
  }
}
