import AndonConfiguration
import AndonCore
import AndonStatus
import AndonStore

/// JSON of stored rows for the API. Names and types are those of the MQTT payloads.
enum APICodec {
  static func event(_ stored: StoredEvent, site: String) -> [UInt8] {
    let event = stored.event
    var writer = JSONWriter(capacity: 320)
    writer.field("timestamp_ms", event.timestampMs)
    writer.field("ts", CivilTime.text(epochMs: event.timestampMs))
    writer.field("site_id", site)
    writer.field("camera_id", stored.cameraID)
    if !event.workerID.isEmpty { writer.field("worker_id", event.workerID) }
    writer.field("workstation_id", event.workstationID)
    writer.field("event_type", event.kind.name)
    if let confidence = event.confidencePpm {
      writer.field("confidence", scaled: Int64(confidence), digits: 6)
    }
    if event.kind == .productCount { writer.field("count", Int64(event.count)) }
    if !event.eventID.isEmpty { writer.field("event_id", event.eventID) }
    if !event.modelVersion.isEmpty { writer.field("model_version", event.modelVersion) }
    writer.field("outcome", stored.isAccepted ? "stored" : "low_confidence")
    writer.field("received_at_ms", stored.receivedAtMs)
    return writer.end()
  }

  static func quarantine(_ row: QuarantineRow, site: String) -> [UInt8] {
    var writer = JSONWriter(capacity: 512)
    writer.field("id", row.id)
    writer.field("received_at_ms", row.receivedAtMs)
    writer.field("ts", CivilTime.text(epochMs: row.receivedAtMs))
    writer.field("site_id", site)
    writer.field("camera_id", row.cameraID)
    writer.field("topic", row.topic)
    writer.field("code", row.code)
    if !row.field.isEmpty { writer.field("field", row.field) }
    writer.field("detail", row.detail)
    if !row.eventID.isEmpty { writer.field("event_id", row.eventID) }
    // The payload may not be text: invalid UTF-8 becomes U+FFFD.
    writer.field("payload", String(decoding: row.payload, as: UTF8.self))
    writer.field("payload_bytes", row.payloadBytes)
    return writer.end()
  }

  static func model(
    _ report: ModelReport, rule: ConfidenceLowRule?, site: SiteSettings, stepMs: Int64
  ) -> [UInt8] {
    var writer = JSONWriter(capacity: 1024)
    writer.field("site_id", site.id)
    writer.field("camera_id", report.key.cameraID)
    writer.field("model_version", report.key.modelVersion)
    writer.field("samples", report.samples)
    if let mean = report.meanPpm {
      fraction("mean", mean, &writer)
      fraction("min", report.minPpm, &writer)
      fraction("max", report.maxPpm, &writer)
      writer.field("below_gate", report.belowGate)
      writer.field("first_event_ms", report.firstEventMs)
      writer.field("last_event_ms", report.lastEventMs)
    }
    if let rolling = rule?.meanPpm { fraction("rolling_mean", Int64(rolling), &writer) }
    writer.field("rolling_samples", rule?.sampleCount ?? 0)
    writer.field("state", rule.map(state) ?? "insufficient_data")
    fraction("limit", Int64(site.drift.limitPpm), &writer)
    fraction("clear_limit", Int64(site.drift.clearLimitPpm), &writer)
    fraction("min_confidence", Int64(site.ingest.minConfidencePpm), &writer)
    writer.field("histogram", json: numbers(report.histogram))
    writer.field("step_ms", stepMs)
    writer.field(
      "trend",
      json: StatusDocument.array(
        report.trend.map { step in
          var entry = JSONWriter(capacity: 96)
          entry.field("start_ms", step.startMs)
          entry.field("samples", step.samples)
          fraction("mean", step.sumPpm / max(1, step.samples), &entry)
          return entry.end()
        }))
    return writer.end()
  }

  private static func state(_ rule: ConfidenceLowRule) -> String {
    switch rule.state {
    case .insufficientData: "insufficient_data"
    case .normal: "normal"
    case .pending: "pending"
    case .active: "active"
    }
  }

  private static func fraction(_ name: String, _ ppm: Int64, _ writer: inout JSONWriter) {
    writer.field(name, scaled: ppm, digits: 6)
  }

  static func numbers(_ values: [Int64]) -> [UInt8] {
    Array("[\(values.map(String.init).joined(separator: ","))]".utf8)
  }

  static func strings(_ values: [String]) -> [UInt8] {
    var bytes: [UInt8] = [UInt8(ascii: "[")]
    for (index, value) in values.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      JSONWriter.append(quoted: value, to: &bytes)
    }
    return bytes + [UInt8(ascii: "]")]
  }

  /// `{"W1":"Anna"}`, sorted.
  static func names(_ names: [String: String]) -> [UInt8] {
    var writer = JSONWriter()
    for (id, name) in names.sorted(by: { $0.key < $1.key }) { writer.field(id, name) }
    return writer.end()
  }

  static func site(
    _ site: SiteSettings, root: String, status: SiteStatus?, windows: [(WindowKind, Window)]
  ) -> [UInt8] {
    var writer = JSONWriter(capacity: 1024)
    writer.field("site_id", site.id)
    writer.field("name", site.name ?? site.id)
    writer.field("timezone", site.timeZone)
    writer.field("topic_root", root)
    writer.field("connected", status?.isConnected ?? false)
    writer.field(
      "windows", json: strings(WindowKind.allCases.map(\.rawValue).filter(site.kpi.windows.contains)))
    var current = JSONWriter()
    for (kind, window) in windows {
      var entry = JSONWriter()
      entry.field("start_ms", window.startMs)
      entry.field("end_ms", window.endMs)
      if let shift = window.shiftID { entry.field("shift_id", shift) }
      current.field(kind.rawValue, json: entry.end())
    }
    writer.field("current", json: current.end())
    writer.field("shifts", json: StatusDocument.array(site.shifts.map(shift)))
    writer.field("workers", json: names(site.workers))
    writer.field("workstations", json: names(site.workstations))
    writer.field("state_timeout_s", scaled: site.ingest.stateTimeoutMs, digits: 3)
    writer.field("publish_interval_s", scaled: site.kpi.publishIntervalMs, digits: 3)
    fraction("min_confidence", Int64(site.ingest.minConfidencePpm), &writer)
    fraction("drift_limit", Int64(site.drift.limitPpm), &writer)
    return writer.end()
  }

  private static func shift(_ shift: ShiftSettings) -> [UInt8] {
    var writer = JSONWriter()
    writer.field("id", shift.id)
    writer.field("start", clock(shift.startMinute))
    writer.field("end", clock(shift.endMinute))
    return writer.end()
  }

  private static func clock(_ minute: Int) -> String {
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(two(minute / 60)):\(two(minute % 60))"
  }
}
