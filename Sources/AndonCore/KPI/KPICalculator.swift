/// Figures from events: a function of the events, the window and `nowMs`, and of nothing else.
///
/// A plain recompute. All sums are integers of milliseconds and units; division and rounding happen once, at
/// the edge. O(n log n) in the events.
public struct KPICalculator: Sendable {
  private let siteID: String
  private let stateTimeoutMs: Int64

  public init(siteID: String, stateTimeoutMs: Int64) {
    self.siteID = siteID
    self.stateTimeoutMs = stateTimeoutMs
  }

  /// The site's record, then the workstations' and the workers', each sorted by id.
  ///
  /// Histories may reach back before the window and beyond `nowMs`: what counts is cut out here.
  public func records(
    window: Window, nowMs: Int64, histories: [WorkerHistory], offlineCameras: Set<String> = []
  ) -> [KPIRecord] {
    let limitMs = max(window.startMs, min(nowMs, window.endMs))
    let context = Context(
      window: window, nowMs: nowMs, limitMs: limitMs, planned: window.plannedSpans(until: limitMs))
    var stations: [String: WorkstationTotals] = [:]
    var workers: [(totals: WorkerTotals, camera: String?)] = []
    var unitsOfNobody: Int64 = 0
    for history in histories {
      for event in history.events where event.timestampMs < limitMs {
        let isInWindow = event.timestampMs >= window.startMs
        stations[event.workstationID, default: WorkstationTotals()].add(event, isInWindow: isInWindow)
        if history.workerID.isEmpty, isInWindow { unitsOfNobody += Int64(event.count) }
      }
      guard !history.workerID.isEmpty else { continue }
      let totals = WorkerTotals(history, window: window, limitMs: limitMs, timeoutMs: stateTimeoutMs)
      guard totals.isListed else { continue }
      workers.append((totals, history.lastCameraID))
      for segment in totals.segments where !segment.workstationID.isEmpty {
        stations[segment.workstationID, default: WorkstationTotals()]
          .add(segment, isCurrent: segment.endMs == limitMs)
      }
    }
    workers.sort { $0.totals.workerID < $1.totals.workerID }
    let workerRecords = workers.map { worker in
      record(
        worker.totals, context, isOffline: worker.camera.map { offlineCameras.contains($0) } ?? false)
    }
    let stationRecords = stations.filter(\.value.isListed).sorted { $0.key < $1.key }
      .map { record($0.key, $0.value, context) }
    let lastEventMs = stations.values.compactMap(\.lastEventMs).max()
    return [
      siteRecord(
        workers.map(\.totals), unitsOfNobody: unitsOfNobody, lastEventMs: lastEventMs,
        hasFreshWorker: workerRecords.contains { $0.quality == Self.good }, context)
    ] + stationRecords + workerRecords
  }

  private struct Context {
    let window: Window
    let nowMs: Int64
    let limitMs: Int64
    let planned: [Range<Int64>]

    var elapsedMs: Int64 { limitMs - window.startMs }
    var plannedMs: Int64 { IntervalUnion.durationMs(planned) }
    var isShift: Bool { window.kind == .shift }
    var isFinal: Bool { nowMs >= window.endMs }
  }

  private static let good: Int64 = 192
  private static let stale: Int64 = 500

  private func quality(_ lastEventMs: Int64?, _ context: Context, isOffline: Bool = false) -> Int64 {
    guard let lastEventMs else { return 0 }
    let isStale = context.limitMs - lastEventMs > stateTimeoutMs || (isOffline && !context.isFinal)
    return isStale ? Self.stale : Self.good
  }

  private func record(
    _ scope: KPIScope, _ id: String, _ context: Context, _ values: [(KPIMetric, Int64?)]
  ) -> KPIRecord {
    let present = values.compactMap { metric, scaled in
      scaled.map { KPIRecord.Value(metric: metric, scaled: $0) }
    }
    for value in present where value.metric.rawValue.hasSuffix("_pct") {
      assert((0...10_000).contains(value.scaled), "a percentage lies in 0…100")
    }
    return KPIRecord(
      siteID: siteID, scope: scope, id: id, window: context.window, nowMs: context.nowMs, values: present,
      quality: 0)
  }

  private func record(_ totals: WorkerTotals, _ context: Context, isOffline: Bool) -> KPIRecord {
    let known = context.elapsedMs - totals.timedOutMs - totals.unknownMs
    var record = record(
      .worker, totals.workerID, context,
      [
        (.elapsed, context.elapsedMs), (.working, totals.workingMs), (.idle, totals.idleMs),
        (.absent, totals.absentMs), (.timedOut, totals.timedOutMs), (.unknown, totals.unknownMs),
        (.planned, context.isShift ? context.plannedMs : nil),
        (.utilization, Ratio.percent(totals.workingMs, of: totals.workingMs + totals.idleMs)),
        (.availability, context.isShift ? Ratio.percent(totals.workingInPlanMs, of: context.plannedMs) : nil),
        (.coverage, Ratio.percent(known, of: context.elapsedMs)), (.units, totals.units),
        (.unitsPerHour, Ratio.perHour(totals.units, in: totals.workingMs)),
      ])
    record.state = totals.segments.last?.state
    if let station = totals.segments.last?.workstationID, !station.isEmpty { record.workstationID = station }
    record.lastEventMs = totals.lastEventMs
    record.quality = quality(totals.lastEventMs, context, isOffline: isOffline)
    return record
  }

  private func record(_ id: String, _ totals: WorkstationTotals, _ context: Context) -> KPIRecord {
    let workingSpans = totals.workingSpans
    let working = IntervalUnion.durationMs(workingSpans)
    let occupied = IntervalUnion.durationMs(totals.occupiedSpans)
    let inPlan = IntervalUnion.overlapMs(workingSpans, context.planned)
    var record = record(
      .workstation, id, context,
      [
        (.elapsed, context.elapsedMs), (.working, working), (.idle, occupied - working),
        (.occupied, occupied), (.labor, totals.laborMs),
        (.planned, context.isShift ? context.plannedMs : nil),
        (.utilization, Ratio.percent(working, of: occupied)),
        (.occupancy, Ratio.percent(occupied, of: context.elapsedMs)),
        (.availability, context.isShift ? Ratio.percent(inPlan, of: context.plannedMs) : nil),
        (.units, totals.units), (.unitsPerHour, Ratio.perHour(totals.units, in: working)),
        (.throughputPerHour, Ratio.perHour(totals.units, in: occupied)),
        (.workersPresent, totals.workersPresent),
      ])
    record.lastEventMs = totals.lastEventMs
    record.quality = quality(totals.lastEventMs, context)
    return record
  }

  private func siteRecord(
    _ workers: [WorkerTotals], unitsOfNobody: Int64, lastEventMs: Int64?, hasFreshWorker: Bool,
    _ context: Context
  ) -> KPIRecord {
    func sum(_ part: (WorkerTotals) -> Int64) -> Int64 { workers.reduce(0) { $0 + part($1) } }
    let count = Int64(workers.count)
    let (working, idle) = (sum(\.workingMs), sum(\.idleMs))
    let units = sum(\.units) + unitsOfNobody
    let elapsedOfAll = context.elapsedMs * count
    let known = elapsedOfAll - sum(\.timedOutMs) - sum(\.unknownMs)
    let planned = context.plannedMs * count
    let current = workers.compactMap(\.segments.last?.state)
    var record = record(
      .site, siteID, context,
      [
        (.elapsed, context.elapsedMs), (.working, working), (.idle, idle), (.absent, sum(\.absentMs)),
        (.timedOut, sum(\.timedOutMs)), (.unknown, sum(\.unknownMs)), (.labor, working + idle),
        (.planned, context.isShift ? planned : nil),
        (.utilization, Ratio.percent(working, of: working + idle)),
        (
          .meanUtilization,
          mean(workers) { Ratio.scaled($0.workingMs, by: Self.meanScale, over: $0.workingMs + $0.idleMs) }
            .map { Self.rounded($0, by: Self.meanScale / 10_000) }
        ),
        (.availability, context.isShift ? Ratio.percent(sum(\.workingInPlanMs), of: planned) : nil),
        (.coverage, Ratio.percent(known, of: elapsedOfAll)), (.units, units),
        (.unitsPerHour, Ratio.perHour(units, in: working)),
        (
          .meanUnitsPerHour,
          mean(workers) { Ratio.scaled($0.units, by: 3_600_000 * 1_000_000, over: $0.workingMs) }
            .map { Self.rounded($0, by: 10_000) }
        ),
        (.throughputPerHour, Ratio.perHour(units, in: context.elapsedMs)),
        (.workersSeen, count), (.workersWorking, Int64(current.count { $0 == .working })),
        (.workersIdle, Int64(current.count { $0 == .idle })),
      ])
    record.lastEventMs = lastEventMs
    record.quality = quality(lastEventMs, context)
    if record.quality == Self.good, !workers.isEmpty, !hasFreshWorker { record.quality = Self.stale }
    return record
  }

  /// Twelve digits: far more than what is printed, so that the mean's own rounding cannot be seen.
  private static let meanScale: Int64 = 1_000_000_000_000

  /// The mean over the workers that have the figure, in the figure's own scale.
  private func mean(_ workers: [WorkerTotals], _ figure: (WorkerTotals) -> Int64?) -> Int64? {
    let figures = workers.compactMap(figure)
    guard !figures.isEmpty else { return nil }
    return figures.reduce(0, +) / Int64(figures.count)
  }

  private static func rounded(_ value: Int64, by divisor: Int64) -> Int64 { (value + divisor / 2) / divisor }
}
