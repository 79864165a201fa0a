/// Final records as they are kept after their events were deleted: about 50 bytes each.
///
/// Figures are stored as they were rounded, not as what they were computed from: they stay what they were when a
/// formula changes. Quality is stored without `kpi.min_coverage`, which is applied when they are read.
extension KPIRecord {
  private static let formatVersion: Int64 = 2
  /// Had neither figures below 0 nor labels.
  private static let firstVersion: Int64 = 1
  /// The bits of the figures. Only ever append to it: kept records have these numbers.
  private static let order: [KPIMetric] = [
    .elapsed, .working, .idle, .absent, .timedOut, .unknown, .occupied, .labor, .planned, .utilization,
    .meanUtilization, .occupancy, .availability, .coverage, .units, .unitsPerHour, .meanUnitsPerHour,
    .throughputPerHour, .workersPresent, .workersSeen, .workersWorking, .workersIdle, .targetUnits, .gapUnits,
    .pace, .forecastUnits, .targetTotalUnits, .takt, .stops, .microStops, .stop, .microStop, .unplannedStop,
  ]
  private static let states: [WorkerState] = [.working, .idle, .absent, .unknown]

  /// Records of one window and scope. Equal records give equal bytes.
  package static func encoded(_ records: [KPIRecord]) -> [UInt8] {
    var writer = VarintWriter(capacity: 64 * records.count)
    writer.append(formatVersion)
    writer.append(Int64(records.count))
    for record in records { record.append(to: &writer) }
    return writer.bytes
  }

  private func append(to writer: inout VarintWriter) {
    writer.append(text: id)
    let figures = Self.order.map { self[$0] }
    writer.append(figures.indices.reduce(0) { $0 | (figures[$1] == nil ? 0 : 1 << Int64($1)) })
    for (metric, figure) in zip(Self.order, figures) {
      // Only a figure that may be negative carries a sign, in its last bit.
      if let figure { writer.append(metric.least < 0 ? abs(figure) << 1 | (figure < 0 ? 1 : 0) : figure) }
    }
    writer.append(state.flatMap(Self.states.firstIndex).map { Int64($0) + 1 } ?? 0)
    writer.append(text: workstationID ?? "")
    // The last event lies before the window's end.
    writer.append(lastEventMs.map { window.endMs - $0 + 1 } ?? 0)
    writer.append(quality.rawValue)
    writer.append(distinctWorkers.map { Int64($0) + 1 } ?? 0)
    writer.append(text: labels.order ?? "")
    writer.append(text: labels.product ?? "")
  }

  /// Reads what `encoded` wrote; nil for anything else.
  ///
  /// - Parameter window: what the records say they are of.
  package static func decoded(
    _ bytes: Span<UInt8>, site: String, _ scope: KPIScope, _ window: Window, nowMs: Int64
  ) -> [KPIRecord]? {
    var reader = VarintReader()
    guard let version = reader.integer(bytes), firstVersion...formatVersion ~= version,
      let count = reader.count(bytes)
    else { return nil }
    var records: [KPIRecord] = []
    records.reserveCapacity(count)
    for _ in 0..<count {
      guard let id = reader.text(bytes) else { return nil }
      var record = KPIRecord(
        siteID: site, scope: scope, id: id, window: window, nowMs: nowMs, values: [], quality: .noData)
      guard record.read(bytes, &reader), version == firstVersion || record.readLabels(bytes, &reader) else {
        return nil
      }
      record.source = .final
      records.append(record)
    }
    return reader.isAtEnd(bytes) ? records : nil
  }

  private mutating func read(_ bytes: Span<UInt8>, _ reader: inout VarintReader) -> Bool {
    guard let present = reader.integer(bytes), present >> Int64(Self.order.count) == 0 else { return false }
    var figures: [KPIMetric: Int64] = [:]
    for (place, metric) in Self.order.enumerated() where present >> Int64(place) & 1 == 1 {
      guard let figure = reader.integer(bytes) else { return false }
      figures[metric] = metric.least < 0 ? (figure & 1 == 1 ? -(figure >> 1) : figure >> 1) : figure
    }
    values = KPIMetric.allCases.compactMap { metric in
      figures[metric].map { Value(metric: metric, scaled: $0) }
    }
    guard let state = reader.integer(bytes), 0...Int64(Self.states.count) ~= state,
      let workstation = reader.text(bytes), let beforeEnd = reader.integer(bytes),
      let quality = reader.integer(bytes).flatMap(OPCQuality.init), let workers = reader.integer(bytes)
    else { return false }
    distinctWorkers = workers == 0 ? nil : Int(clamping: workers - 1)
    self.state = state == 0 ? nil : Self.states[Int(state) - 1]
    workstationID = workstation.isEmpty ? nil : workstation
    lastEventMs = beforeEnd == 0 ? nil : window.endMs - beforeEnd + 1
    self.quality = quality
    return true
  }

  private mutating func readLabels(_ bytes: Span<UInt8>, _ reader: inout VarintReader) -> Bool {
    guard let order = reader.text(bytes), let product = reader.text(bytes) else { return false }
    labels = TargetLabels(
      order: order.isEmpty ? nil : order, product: product.isEmpty ? nil : product)
    return true
  }
}
