package import CoreMetrics
import Synchronization

/// Collects the metrics of swift-metrics and writes them in the text format of Prometheus (0.0.4).
///
/// A label is used as the name, with invalid characters replaced by `_`; the name of a timer ends with
/// `_seconds`.
package final class PrometheusRegistry: MetricsFactory {
  private struct Key: Hashable {
    var name: String
    var labels: String
    /// The value of the label `site`, if there is one.
    var site: String?
  }

  private let series = Mutex<[Key: any PrometheusSeries]>([:])
  private let helps = Mutex<[String: String]>([:])

  package init() {}

  /// Sets the help text of a metric.
  package func describe(_ name: String, _ help: String) { helps.withLock { $0[name] = help } }

  package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    find(label, dimensions) { PrometheusCounter() }
  }

  package func makeRecorder(
    label: String, dimensions: [(String, String)], aggregate: Bool
  ) -> any RecorderHandler {
    if aggregate { return find(label, dimensions) { PrometheusHistogram(PrometheusHistogram.sizes) } }
    return find(label, dimensions) { PrometheusGauge() }
  }

  package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    find(label, dimensions) { PrometheusGauge() }
  }

  package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    let name = label.hasSuffix("_seconds") ? label : label + "_seconds"
    return find(name, dimensions) { PrometheusHistogram(PrometheusHistogram.seconds) }
  }

  package func destroyCounter(_ handler: any CounterHandler) {}
  package func destroyRecorder(_ handler: any RecorderHandler) {}
  package func destroyMeter(_ handler: any MeterHandler) {}
  package func destroyTimer(_ handler: any TimerHandler) {}

  private func find<Series: PrometheusSeries>(
    _ label: String, _ dimensions: [(String, String)], _ make: () -> Series
  ) -> Series {
    let key = Key(
      name: PrometheusText.name(label), labels: PrometheusText.labels(dimensions),
      site: dimensions.first { $0.0 == "site" }?.1)
    return series.withLock { series in
      if let known = series[key] as? Series { return known }
      let new = make()
      series[key] = new
      return new
    }
  }

  /// - Parameter isShown: Whether to show the series of a site, or those of no site (nil).
  package func render(into text: inout PrometheusText, where isShown: (String?) -> Bool = { _ in true }) {
    let all = series.withLock { $0.sorted { ($0.key.name, $0.key.labels) < ($1.key.name, $1.key.labels) } }
    let helps = helps.withLock { $0 }
    var name = ""
    for (key, series) in all where isShown(key.site) {
      if key.name != name {
        name = key.name
        text.family(name, type: series.type, help: helps[name] ?? name)
      }
      series.write(name, key.labels, into: &text)
    }
  }
}
