/// The figures of one worker, workstation or site in one window at one time.
public struct KPIRecord: Sendable, Hashable {
  /// A figure as an exact scaled integer: the value times 10^`metric.digits`.
  public struct Value: Sendable, Hashable {
    public var metric: KPIMetric
    public var scaled: Int64
  }

  public var siteID: String
  public var scope: KPIScope
  public var id: String
  public var window: Window
  public var nowMs: Int64
  /// Only figures that can be computed, in the order of `KPIMetric`.
  public var values: [Value]
  /// The worker's state at the end of the elapsed time.
  public var state: WorkerState?
  public var workstationID: String?
  public var lastEventMs: Int64?
  /// OPC quality: 192 good, 64 uncertain (too little coverage), 500 stale, 0 no data.
  public var quality: Int64

  public static let uncertain: Int64 = 64

  /// The record with good quality lowered to uncertain when its coverage is below the limit. A record without
  /// `coverage_pct` does not change.
  ///
  /// - Parameter percent: 0…100.
  public func judged(minCoveragePercent percent: Int64) -> KPIRecord {
    guard quality == 192, let coverage = self[.coverage], coverage < percent * 100 else { return self }
    var record = self
    record.quality = Self.uncertain
    return record
  }

  /// Whether the window is over.
  public var isFinal: Bool { nowMs >= window.endMs }

  public subscript(metric: KPIMetric) -> Int64? { values.first { $0.metric == metric }?.scaled }

  /// Name and text of each figure.
  public var metrics: [(name: String, text: String)] {
    values.map { value in
      guard value.metric.digits > 0 else { return (value.metric.rawValue, String(value.scaled)) }
      var bytes: [UInt8] = []
      JSONWriter.append(scaled: value.scaled, digits: value.metric.digits, to: &bytes)
      return (value.metric.rawValue, String(decoding: bytes, as: UTF8.self))
    }
  }

  /// Name and text of all scalar tag topics: the figures and the fields beside them.
  public var scalars: [(name: String, text: String)] {
    var scalars = metrics
    if let state { scalars.append(("state", state.rawValue)) }
    if let workstationID { scalars.append(("workstation_id", workstationID)) }
    if let lastEventMs { scalars.append(("last_event_ms", String(lastEventMs))) }
    scalars.append(("quality", String(quality)))
    return scalars
  }

  /// The flat object of the `kpi` topics. `revision` counts the publications of the window; nil leaves `rev`
  /// out.
  public func json(revision: Int64?) -> [UInt8] {
    var writer = JSONWriter(capacity: 768)
    writer.field("timestamp_ms", nowMs)
    writer.field("ts", CivilTime.text(epochMs: nowMs))
    writer.field("site_id", siteID)
    writer.field("scope", scope.rawValue)
    writer.field("id", id)
    writer.field("window", window.name)
    if let shiftID = window.shiftID { writer.field("shift_id", shiftID) }
    writer.field("window_start_ms", window.startMs)
    writer.field("window_end_ms", window.endMs)
    writer.field("final", isFinal)
    if let revision { writer.field("rev", revision) }
    for value in values {
      if value.metric.digits == 0 {
        writer.field(value.metric.rawValue, value.scaled)
      } else {
        writer.field(value.metric.rawValue, scaled: value.scaled, digits: value.metric.digits)
      }
    }
    if let state { writer.field("state", state.rawValue) }
    if let workstationID { writer.field("workstation_id", workstationID) }
    if let lastEventMs { writer.field("last_event_ms", lastEventMs) }
    writer.field("quality", quality)
    return writer.end()
  }
}
