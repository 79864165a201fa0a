import AndonConfiguration
import AndonCore
import AndonRuntime
import AndonStore

/// The output of `andon drift`, as text and as JSON.
struct DriftText {
  let site: SiteSettings
  let reports: [DriftReport]
  /// The current alarm states; empty when another time is requested.
  let machines: [AlarmStateMachine]
  /// Episodes of rules that are not about one camera's confidences, as stored.
  let other: [Episode]
  let truths: [GroundTruth]
  let nowMs: Int64

  private static let chartDays: Int64 = 14
  private static let bars = Array("▁▂▃▄▅▆▇█")

  // MARK: Text

  var table: String {
    guard !reports.isEmpty else { return "no events with a confidence yet" }
    var states = TextTable([
      "camera", "model", "state", "events", "mean", "last", "below gate", "last 14 days",
    ])
    for report in reports {
      states.add([
        report.key.cameraID, report.key.modelVersion.isEmpty ? "–" : report.key.modelVersion,
        record(report).state.rawValue, "\(report.count)", report.meanPpm.map(fraction) ?? "–",
        report.detector.low.meanPpm.map { fraction(Int64($0)) } ?? "–",
        percent(report.count == 0 ? 0 : report.belowGate * 1_000_000 / report.count), chart(report),
      ])
    }
    var parts = [states.text]
    let episodes = reports.flatMap(\.episodes) + other
    if episodes.isEmpty {
      parts.append("no episodes")
    } else {
      var list = TextTable([
        "rule", "source", "model", "since", "raised", "ended", "value", "occurrence", "said",
      ])
      for episode in episodes.sorted(by: { ($0.raisedMs, $0.key) < ($1.raisedMs, $1.key) }) {
        let id = episode.occurrenceID(site: site.id)
        list.add([
          episode.key.rule.rawValue, episode.key.sourceID,
          episode.key.modelVersion.isEmpty ? "–" : episode.key.modelVersion,
          CivilTime.text(epochMs: episode.sinceMs), CivilTime.text(epochMs: episode.raisedMs),
          episode.endedMs.map { CivilTime.text(epochMs: $0) } ?? "goes on",
          episode.valuePpm.map {
            episode.key.rule == .gateShare ? percent(Int64($0)) : fraction(Int64($0))
          } ?? "–",
          id + (episode.flapCount > 0 ? " (again)" : ""),
          truths.first { $0.occurrenceID == id }?.verdict ?? "–",
        ])
      }
      parts.append(list.text)
    }
    if !truths.isEmpty {
      let confirmed = truths.count { $0.verdict == "confirmed" }
      parts.append("people said: \(confirmed) confirmed, \(truths.count - confirmed) false alarm")
    }
    return parts.joined(separator: "\n\n")
  }

  /// One bar for each of the last fourteen days; a day without events is a space.
  private func chart(_ report: DriftReport) -> String {
    let today = HourSum.hour(of: nowMs) / 24
    var days: [Int64: (count: Int64, sum: Int64)] = [:]
    for hour in report.hours {
      let day = hour.hour / 24
      days[day] = ((days[day]?.count ?? 0) + hour.count, (days[day]?.sum ?? 0) + hour.sum)
    }
    let text = (0..<Self.chartDays).map { offset -> Character in
      guard let day = days[today - Self.chartDays + 1 + offset] else { return " " }
      let step = (day.sum / day.count - 600_000) * Int64(Self.bars.count) / 350_000
      return Self.bars[Int(min(max(step, 0), Int64(Self.bars.count) - 1))]
    }
    // A leading space would make it look like a number column.
    return "|" + String(text) + "|"
  }

  /// Millionths as a fraction with three decimals, rounded down.
  private func fraction(_ ppm: Int64) -> String {
    let places = String(ppm / 1000 % 1000)
    return "\(ppm / 1_000_000)." + String(repeating: "0", count: 3 - places.count) + places
  }

  /// Millionths as a percentage with one decimal, rounded down.
  private func percent(_ ppm: Int64) -> String { "\(ppm / 10_000).\(ppm / 1000 % 10) %" }

  // MARK: JSON

  /// The object of the topic `alert`, with further fields about the key.
  func json(_ report: DriftReport) -> [UInt8] {
    var bytes = record(report).json()
    bytes.removeLast()
    var more = JSONWriter()
    more.field("events", report.count)
    if let mean = report.meanPpm { more.field("mean", scaled: mean / 100, digits: 4) }
    more.field("below_gate", report.belowGate)
    if let last = report.detector.lastSample { more.field("last_event_ms", last.timestampMs) }
    more.field("rules", json: JSONWriter.array(DriftDetector.rules.map { rule($0, report) }))
    let others = other.filter {
      $0.key.sourceID == report.key.cameraID
        && ($0.key.modelVersion.isEmpty || $0.key.modelVersion == report.key.modelVersion)
    }
    more.field("episodes", json: JSONWriter.array((report.episodes + others).map(episode)))
    bytes.append(UInt8(ascii: ","))
    return bytes + more.end().dropFirst()
  }

  private func rule(_ rule: AlarmRule, _ report: DriftReport) -> [UInt8] {
    let measure = report.detector.measure(of: rule)
    var writer = JSONWriter()
    writer.field("rule", rule.rawValue)
    switch report.detector.state(of: rule) {
    case .insufficientData: writer.field("state", "insufficient_data")
    case .normal: writer.field("state", "normal")
    case .pending(let since):
      writer.field("state", "pending")
      writer.field("since_ms", since)
    case .active(let since, let raised):
      writer.field("state", "active")
      writer.field("since_ms", since)
      writer.field("raised_ms", raised)
    }
    writer.field("metric", measure.metric)
    for (name, value) in [
      ("value", measure.value), ("limit", measure.limit), ("clear_limit", measure.clearLimit),
    ] {
      if let value { writer.field(name, scaled: value, digits: measure.digits) }
    }
    if let samples = measure.samples { writer.field("samples", samples) }
    return writer.end()
  }

  private func episode(_ episode: Episode) -> [UInt8] {
    let id = episode.occurrenceID(site: site.id)
    var writer = JSONWriter()
    writer.field("rule", episode.key.rule.rawValue)
    writer.field("occurrence_id", id)
    writer.field("since_ms", episode.sinceMs)
    writer.field("raised_ms", episode.raisedMs)
    if let ended = episode.endedMs { writer.field("ended_ms", ended) }
    writer.field("flap_count", episode.flapCount)
    if let value = episode.valuePpm { writer.field("value", scaled: Int64(value) / 100, digits: 4) }
    if let truth = truths.first(where: { $0.occurrenceID == id }) { writer.field("verdict", truth.verdict) }
    return writer.end()
  }

  /// The alarm `confidence_low` of the key: its stored state, or the state that follows from the samples
  /// alone.
  private func record(_ report: DriftReport) -> AlarmRecord {
    let key = AlarmKey(rule: .confidenceLow, key: report.key)
    let measure = report.detector.measure(of: .confidenceLow)
    var machine = machines.first { $0.key == key } ?? AlarmStateMachine(key: key, measure: measure)
    if machines.isEmpty || machine.revision == 0 { apply(report, &machine) }
    machine.measure = measure
    machine.isStale =
      report.detector.lastSample.map { nowMs - $0.timestampMs > site.alarms.staleAfterMs } ?? true
    return AlarmRecord(siteID: site.id, machine: machine, nowMs: nowMs)
  }

  private func apply(_ report: DriftReport, _ machine: inout AlarmStateMachine) {
    switch report.detector.state(of: .confidenceLow) {
    case .pending(let since):
      _ = machine.apply(pendingSinceMs: since, measure: machine.measure, nowMs: nowMs)
    case .active:
      guard let episode = report.episodes.last(where: { $0.key == machine.key }) else { return }
      _ = machine.raise(episode, site: site.id, as: .historical, measure: machine.measure, nowMs: nowMs)
    case .insufficientData, .normal: break
    }
  }
}
