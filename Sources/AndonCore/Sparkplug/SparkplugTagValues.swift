/// The current values of a node's or a device's metrics, and which of them were not sent yet.
struct SparkplugTagValues: Sendable {
  private struct Current: Sendable {
    var value = SparkplugValue.null
    var timestampMs: Int64 = 0
    var quality = OPCQuality.noData
    var isChanged = false
  }

  let layout: SparkplugModel.Layout
  let firstAlias: UInt64
  private var current: [Current]

  init(layout: SparkplugModel.Layout, firstAlias: UInt64) {
    self.layout = layout
    self.firstAlias = firstAlias
    current = Array(repeating: Current(), count: layout.tags.count)
  }

  /// Sets a value of the tag's type, or null. An equal value keeps the time of the last change.
  mutating func set(_ index: Int, _ value: SparkplugValue, quality: OPCQuality, atMs: Int64) {
    assert(value.dataType == nil || value.dataType == layout.tags[index].type, "a value is of its tag's type")
    guard current[index].value != value || current[index].quality != quality else { return }
    current[index] = Current(value: value, timestampMs: atMs, quality: quality, isChanged: true)
  }

  /// Sets the metrics of the record's window.
  mutating func set(_ record: KPIRecord) {
    guard let place = record.window.kind.flatMap({ layout.windows[$0] }) else { return }
    for (index, value) in Self.values(of: record, in: place) {
      set(index, value, quality: record.quality, atMs: record.nowMs)
    }
  }

  /// The values of the record's window, metric by metric.
  private static func values(
    of record: KPIRecord, in place: SparkplugModel.Place
  ) -> [(Int, SparkplugValue)] {
    var values: [(Int, SparkplugValue)] = [
      (place.start, .dateTime(record.window.startMs)), (place.end, .dateTime(record.window.endMs)),
      (place.final, .boolean(record.isFinal)),
    ]
    if let shift = place.shift { values.append((shift, record.window.shiftID.map { .string($0) } ?? .null)) }
    for (metric, index) in place.metrics {
      guard let scaled = record[metric] else {
        values.append((index, .null))
        continue
      }
      values.append((index, metric.digits == 0 ? .int64(scaled) : .decimal(scaled, digits: metric.digits)))
    }
    return values
  }

  /// All metrics of a birth, in order of time. They count as sent from here on.
  ///
  /// A metric that was never set gets the time `nowMs`.
  mutating func birth(nowMs: Int64) -> [SparkplugMetric] {
    let metrics = layout.tags.indices.map { index in
      let tag = layout.tags[index]
      var metric = metric(index, atMs: current[index].timestampMs == 0 ? nowMs : current[index].timestampMs)
      metric.name = tag.name
      metric.dataType = tag.type
      metric.properties += tag.properties
      current[index].isChanged = false
      return metric
    }
    return Self.ordered(metrics)
  }

  /// The metrics that changed since the last call, by alias.
  mutating func changes() -> [SparkplugMetric] {
    var metrics: [SparkplugMetric] = []
    for index in current.indices where current[index].isChanged {
      metrics.append(metric(index, atMs: current[index].timestampMs))
      current[index].isChanged = false
    }
    return Self.ordered(metrics)
  }

  /// The figures of a closed window, for a historian. They carry its last millisecond, so that the figures of
  /// the next window are later.
  func history(_ record: KPIRecord) -> [SparkplugMetric] {
    guard let place = record.window.kind.flatMap({ layout.windows[$0] }) else { return [] }
    return Self.values(of: record, in: place).sorted { $0.0 < $1.0 }.map { index, value in
      var metric = SparkplugMetric(
        alias: firstAlias + UInt64(index), timestampMs: record.window.endMs - 1, value: value)
      metric.isHistorical = true
      metric.properties = [.quality(record.quality)]
      return metric
    }
  }

  private func metric(_ index: Int, atMs: Int64) -> SparkplugMetric {
    let current = current[index]
    var metric = SparkplugMetric(
      alias: firstAlias + UInt64(index), timestampMs: atMs, value: current.value)
    metric.properties = [.quality(current.quality)]
    return metric
  }

  /// The sort is stable: metrics with equal times stay in the order of the tags.
  private static func ordered(_ metrics: [SparkplugMetric]) -> [SparkplugMetric] {
    metrics.sorted { ($0.timestampMs ?? 0) < ($1.timestampMs ?? 0) }
  }
}
