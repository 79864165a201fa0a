/// Builds the records of a window from summed figures: the only place with division and rounding.
struct KPIRecordBuilder {
  let siteID: String
  let stateTimeoutMs: Int64
  let siteWindow: SiteWindow
  let context: Context
  let offlineCameras: Set<String>
  /// Whether records tell how many workers they are about.
  var countsWorkers = false
  /// Units since the start of the last planned hour, of what `SiteWindow.recentStarts` names.
  var recentUnits: [TargetSubject: Int64] = [:]
  /// Of the workstations that take part in a shift of the elapsed time; nil without shifts, or when it is not known.
  var stops: [String: StopTotals]?
  /// By the worker's number: when a pseudonym ends. Names that last are not in there.
  var pseudonymEnds: [Int32: Int64] = [:]

  init(
    siteID: String, stateTimeoutMs: Int64, window siteWindow: SiteWindow, nowMs: Int64,
    offlineCameras: Set<String>
  ) {
    self.siteID = siteID
    self.stateTimeoutMs = stateTimeoutMs
    self.siteWindow = siteWindow
    let window = siteWindow.window
    context = Context(
      window: window, nowMs: nowMs, limitMs: max(window.startMs, min(nowMs, window.endMs)))
    self.offlineCameras = offlineCameras
  }

  /// The site's record, then those of areas, lines, workstations and workers; only the requested scopes, and what
  /// the window is about. Areas and lines are in the order of the configuration, the others sorted by id.
  func records(
    workers: [WorkerFigures], workstations: [WorkstationFigures], unitsWithoutWorker: Int64,
    lastUnitsWithoutWorkerMs: Int64?, scopes: Set<KPIScope> = Set(KPIScope.allCases)
  ) -> [KPIRecord] {
    let listed = workers.filter(\.isListed)
    let workers = scopes.contains(.worker) ? listed.sorted { $0.workerID < $1.workerID } : listed
    for worker in workers { worker.assertInvariants(elapsedMs: context.elapsedMs) }
    var records: [KPIRecord] = []
    if scopes.contains(.site), siteWindow.isOfSite {
      records.append(
        siteRecord(
          workers, unitsWithoutWorker: unitsWithoutWorker, lastUnitsWithoutWorkerMs: lastUnitsWithoutWorkerMs)
      )
    }
    if !scopes.isDisjoint(with: [.area, .line]) {
      records += lineRecords(workstations, scopes: scopes)
    }
    if scopes.contains(.workstation) {
      records += shown(workstations).sorted { $0.workstationID < $1.workstationID }.map(record)
    }
    if scopes.contains(.worker), siteWindow.isOfSite {
      records += workers.filter { !ErasedName.isErased($0.workerID) }.map(record)
    }
    return records
  }

  /// The workstations that have a record: those with events or workers, those that take part in a shift, and those with a
  /// target.
  private func shown(_ workstations: [WorkstationFigures]) -> [WorkstationFigures] {
    let aimed = siteWindow.targets.subjects.filter { $0.scope == .workstation }.map(\.id)
    let expected = Set(aimed).union((stops ?? [:]).keys)
    let known = expected.isEmpty ? [] : Set(workstations.map(\.workstationID))
    let silent = expected.subtracting(known).map { WorkstationFigures(workstationID: $0) }
    return (workstations + silent).filter {
      ($0.isListed || expected.contains($0.workstationID))
        && siteWindow.includes(workstation: $0.workstationID)
    }
  }

  private func lineRecords(_ workstations: [WorkstationFigures], scopes: Set<KPIScope>) -> [KPIRecord] {
    let ofLines = workstations.filter { siteWindow.layout.line(ofWorkstation: $0.workstationID) != nil }
    // Names of damaged summaries may read alike.
    let byID = Dictionary(ofLines.map { ($0.workstationID, $0) }, uniquingKeysWith: { first, _ in first })
    func figures(_ line: SiteLayout.Line) -> LineFigures {
      LineFigures(line, plannedMs: context.durationMs(of: siteWindow.planned(onLine: line.id)), byID)
    }
    var records: [KPIRecord] = []
    if scopes.contains(.area) {
      records += siteWindow.areas.map { area in
        record(.area, area.id, area.lines.reduce(into: LineFigures()) { $0 += figures($1) })
      }
    }
    if scopes.contains(.line) {
      records += siteWindow.lines.map { record(.line, $0.id, figures($0)) }
    }
    return records
  }

  /// The most units of one worker or workstation in a window; a sum over a site's workers does not overflow.
  static let largestUnits: Int64 = 1 << 46

  struct Context {
    let window: Window
    let nowMs: Int64
    /// The end of the elapsed time.
    let limitMs: Int64

    var elapsedMs: Int64 { limitMs - window.startMs }
    /// For what follows the window itself; nil for a site without shifts.
    var plannedMs: Int64? { durationMs(of: window.planned) }
    /// What of planned time has elapsed; nil where there is none.
    func durationMs(of planned: PlannedTime?) -> Int64? { planned?.durationMs(in: window.startMs..<limitMs) }
    var isFinal: Bool { nowMs >= window.endMs }
  }

  private func quality(_ lastEventMs: Int64?, isOffline: Bool = false) -> OPCQuality {
    guard let lastEventMs else { return .noData }
    let isStale = context.limitMs - lastEventMs > stateTimeoutMs || (isOffline && !context.isFinal)
    return isStale ? .stale : .good
  }

  private func record(
    _ scope: KPIScope, _ id: String, _ values: [(KPIMetric, Int64?)]
  ) -> KPIRecord {
    let present = values.compactMap { metric, scaled in
      scaled.map { KPIRecord.Value(metric: metric, scaled: $0) }
    }
    for value in present where value.metric.most == 100 {
      assert((0...10_000).contains(value.scaled), "a share lies in 0…100 %")
    }
    return KPIRecord(
      siteID: siteID, scope: scope, id: id, window: context.window, nowMs: context.nowMs, values: present,
      quality: .noData)
  }

  private func record(_ totals: WorkerFigures) -> KPIRecord {
    let isOffline = totals.lastCameraID.map { offlineCameras.contains($0) } ?? false
    let known = context.elapsedMs - totals.timedOutMs - totals.unknownMs
    var record = record(
      .worker, totals.workerID,
      [
        (.elapsed, context.elapsedMs), (.working, totals.workingMs), (.idle, totals.idleMs),
        (.absent, totals.absentMs), (.timedOut, totals.timedOutMs), (.unknown, totals.unknownMs),
        (.planned, context.plannedMs),
        (.utilization, Ratio.percent(totals.workingMs, of: totals.workingMs + totals.idleMs)),
        (.availability, context.plannedMs.flatMap { Ratio.percent(totals.workingInPlanMs, of: $0) }),
        (.coverage, Ratio.percent(known, of: context.elapsedMs)), (.units, totals.units),
        (.unitsPerHour, Ratio.perHour(totals.units, in: totals.workingMs)),
      ])
    record.state = totals.state
    record.workstationID = totals.workstationID
    record.lastEventMs = totals.lastEventMs
    record.quality = quality(totals.lastEventMs, isOffline: isOffline)
    return record
  }

  private func record(_ totals: WorkstationFigures) -> KPIRecord {
    let (working, occupied) = (totals.workingMs, totals.occupiedMs)
    precondition(
      working <= occupied && totals.workingInPlanMs <= working, "a part is never more than its whole")
    let planned = context.durationMs(of: siteWindow.planned(at: totals.workstationID))
    var record = record(
      .workstation, totals.workstationID,
      [
        (.elapsed, context.elapsedMs), (.working, working), (.idle, occupied - working),
        (.occupied, occupied), (.labor, totals.laborMs),
        (.planned, planned),
        (.utilization, Ratio.percent(working, of: occupied)),
        (.occupancy, Ratio.percent(occupied, of: context.elapsedMs)),
        (.availability, planned.flatMap { Ratio.percent(totals.workingInPlanMs, of: $0) }),
        (.units, totals.units), (.unitsPerHour, Ratio.perHour(totals.units, in: working)),
        (.throughputPerHour, Ratio.perHour(totals.units, in: occupied)),
        (.workersPresent, totals.workersPresent),
      ])
    aim(&record, at: TargetSubject(.workstation, totals.workstationID), units: totals.units)
    if planned != nil { stop(&record, at: [totals.workstationID]) }
    record.lastEventMs = totals.lastEventMs
    record.quality = quality(totals.lastEventMs)
    if countsWorkers {
      record.distinctWorkers = leastPersons(totals.workers.map { pseudonymEnds[$0] ?? .max })
    }
    return record
  }

  /// A line or an area.
  private func record(_ scope: KPIScope, _ id: String, _ totals: LineFigures) -> KPIRecord {
    let (working, occupied) = (totals.workingMs, totals.occupiedMs)
    var record = record(
      scope, id,
      [
        (.elapsed, context.elapsedMs), (.working, working), (.idle, occupied - working),
        (.occupied, occupied), (.labor, totals.laborMs), (.planned, totals.plannedMs),
        (.utilization, Ratio.percent(working, of: occupied)),
        (.occupancy, Ratio.percent(occupied, of: context.elapsedMs * totals.workstations)),
        (.availability, totals.plannedMs.flatMap { Ratio.percent(totals.workingInPlanMs, of: $0) }),
        (.units, totals.units), (.unitsPerHour, Ratio.perHour(totals.units, in: working)),
        (.throughputPerHour, Ratio.perHour(totals.units, in: context.elapsedMs)),
        (.workersPresent, totals.workersPresent),
      ])
    if scope == .line {
      aim(&record, at: TargetSubject(.line, id), units: totals.units)
    }
    if totals.plannedMs != nil { stop(&record, at: totals.stations) }
    record.lastEventMs = totals.lastEventMs
    record.quality = quality(totals.lastEventMs)
    if countsWorkers {
      record.distinctWorkers = leastPersons(totals.workers.map { pseudonymEnds[$0] ?? .max })
    }
    return record
  }

  private func siteRecord(
    _ workers: [WorkerFigures], unitsWithoutWorker: Int64, lastUnitsWithoutWorkerMs: Int64?
  ) -> KPIRecord {
    func sum(_ part: (WorkerFigures) -> Int64) -> Int64 { workers.reduce(0) { $0 + part($1) } }
    let count = Int64(workers.count)
    let (working, idle) = (sum(\.workingMs), sum(\.idleMs))
    let units = sum(\.units) + unitsWithoutWorker
    let elapsedOfAll = context.elapsedMs * count
    let known = elapsedOfAll - sum(\.timedOutMs) - sum(\.unknownMs)
    let planned = context.plannedMs.map { $0 * count }
    let current = workers.compactMap(\.state)
    var record = record(
      .site, siteID,
      [
        (.elapsed, context.elapsedMs), (.working, working), (.idle, idle), (.absent, sum(\.absentMs)),
        (.timedOut, sum(\.timedOutMs)), (.unknown, sum(\.unknownMs)), (.labor, working + idle),
        (.planned, planned),
        (.utilization, Ratio.percent(working, of: working + idle)),
        (
          .meanUtilization,
          mean(workers) { Ratio.scaled($0.workingMs, by: Self.meanScale, over: $0.workingMs + $0.idleMs) }
            .map { Self.rounded($0, by: Self.meanScale / 10_000) }
        ),
        (.availability, planned.flatMap { Ratio.percent(sum(\.workingInPlanMs), of: $0) }),
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
    aim(&record, at: TargetSubject(.site, siteID), units: units)
    if let stops { stop(&record, at: stops.keys) }
    record.lastEventMs = (workers.compactMap(\.lastEventMs) + [lastUnitsWithoutWorkerMs].compactMap(\.self))
      .max()
    record.quality = quality(record.lastEventMs)
    if countsWorkers { record.distinctWorkers = leastPersons(workers.map(\.pseudonymEndMs)) }
    // The cameras of all workers are offline or silent: the site's figures are stale like theirs.
    if record.quality == .good, !workers.isEmpty, !workers.contains(where: isFresh) {
      record.quality = .stale
    }
    return record
  }

  /// How many persons there are at least. A person has another pseudonym in each period, so only those of one period are
  /// known to be distinct.
  ///
  /// - Parameter ends: of each worker: when the pseudonym ends.
  private func leastPersons(_ ends: [Int64]) -> Int {
    Dictionary(grouping: ends) { $0 }.values.map(\.count).max() ?? 0
  }

  /// Twelve digits: far more than are printed, so that the rounding of the mean is not visible.
  private static let meanScale: Int64 = 1_000_000_000_000

  /// The mean over the workers that have the figure, in the figure's own scale. 128 bits, because a sum of
  /// large rates overflows 64.
  private func mean(_ workers: [WorkerFigures], _ figure: (WorkerFigures) -> Int64?) -> Int64? {
    let figures = workers.compactMap(figure)
    guard !figures.isEmpty else { return nil }
    return Int64(clamping: figures.reduce(Int128(0)) { $0 + Int128($1) } / Int128(figures.count))
  }

  private func isFresh(_ worker: WorkerFigures) -> Bool {
    let isOffline = worker.lastCameraID.map { offlineCameras.contains($0) } ?? false
    return quality(worker.lastEventMs, isOffline: isOffline) == .good
  }

  private static func rounded(_ value: Int64, by divisor: Int64) -> Int64 {
    let (sum, overflow) = value.addingReportingOverflow(divisor / 2)
    return (overflow ? .max : sum) / divisor
  }
}
