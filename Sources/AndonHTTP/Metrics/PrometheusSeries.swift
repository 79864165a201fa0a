import CoreMetrics
import Synchronization

/// One time series, or the several of a histogram.
protocol PrometheusSeries: AnyObject, Sendable {
  var type: String { get }
  func write(_ name: String, _ labels: String, into text: inout PrometheusText)
}

final class PrometheusCounter: PrometheusSeries, CounterHandler {
  private let value = Atomic<Int64>(0)
  var type: String { "counter" }

  func increment(by amount: Int64) { value.wrappingAdd(amount, ordering: .relaxed) }
  func reset() { value.store(0, ordering: .relaxed) }

  func write(_ name: String, _ labels: String, into text: inout PrometheusText) {
    text.sample(name, labels, Double(value.load(ordering: .relaxed)))
  }
}

final class PrometheusGauge: PrometheusSeries, MeterHandler, RecorderHandler {
  private let value = Mutex(0.0)
  var type: String { "gauge" }

  func set(_ value: Int64) { set(Double(value)) }
  func set(_ value: Double) { self.value.withLock { $0 = value } }
  func increment(by amount: Double) { value.withLock { $0 += amount } }
  func decrement(by amount: Double) { value.withLock { $0 -= amount } }
  func record(_ value: Int64) { set(Double(value)) }
  func record(_ value: Double) { set(value) }

  func write(_ name: String, _ labels: String, into text: inout PrometheusText) {
    text.sample(name, labels, value.withLock { $0 })
  }
}

/// Counts in buckets with inclusive upper bounds.
final class PrometheusHistogram: PrometheusSeries, TimerHandler, RecorderHandler {
  private struct State {
    var counts: [Int64]
    var sum = 0.0
  }

  /// Bucket bounds in seconds: half a millisecond to ten seconds.
  static let seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
  /// Bucket bounds for messages in a batch.
  static let sizes = [1.0, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2000, 5000]

  private let bounds: [Double]
  private let state: Mutex<State>
  var type: String { "histogram" }

  init(_ bounds: [Double]) {
    self.bounds = bounds
    state = Mutex(State(counts: [Int64](repeating: 0, count: bounds.count + 1)))
  }

  func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
  func record(_ value: Int64) { record(Double(value)) }

  func record(_ value: Double) {
    let index = bounds.firstIndex { value <= $0 } ?? bounds.count
    state.withLock { state in
      state.counts[index] += 1
      state.sum += value
    }
  }

  func write(_ name: String, _ labels: String, into text: inout PrometheusText) {
    let state = state.withLock { $0 }
    let prefix = labels.isEmpty ? "" : labels + ","
    var total: Int64 = 0
    for (bound, count) in zip(bounds + [.infinity], state.counts) {
      total += count
      let shown = bound == .infinity ? "+Inf" : "\(bound)"
      text.sample("\(name)_bucket", "\(prefix)le=\"\(shown)\"", Double(total))
    }
    text.sample("\(name)_sum", labels, state.sum)
    text.sample("\(name)_count", labels, Double(total))
  }
}
