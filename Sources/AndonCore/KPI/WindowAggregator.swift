/// Computes a window's figures from summaries, slice by slice in order of time.
///
/// ```
/// carry(…)*  before the window: who was where           (summaries that end at or before its start)
/// ( add(…)*  endSlice(at:) )*                           (each worker's summary of the slice, then its end)
/// records()
/// ```
///
/// A copy at the end of a slice is a checkpoint: an open window continues from it as long as nothing before
/// it changes. O(runs of the slice + workers) a slice; memory grows with workers and workstations, not with
/// events.
public struct WindowAggregator: Sendable {
  /// Why a summary could not be added.
  public enum Failure: Error, Equatable {
    /// Bytes of another version, or a summary with another time-out: use the events. Nothing was added.
    case unusable
    /// The bytes are damaged. Part of them was added: discard this aggregator.
    case malformed
    /// The summary refreshes a state from before the window: call `carry(worker:state:…)` and add it again.
    case needsState(worker: String)
  }

  public let siteID: String
  /// What the figures are about.
  public let siteWindow: SiteWindow
  /// Its span of time; a copy, because each event looks at it.
  private let window: Window
  private let timeoutMs: Int64
  private let scopes: Set<KPIScope>
  private let needsWorkstations: Bool
  /// When each worker's first state ever was set.
  private let firstSetMs: [String: Int64]
  private var workerNames = NameTable()
  private var stationNames = NameTable()
  private var cameraNames = NameTable()
  private var workers: [WorkerAggregate] = []
  private var stations: [WorkstationAggregate] = []
  private var unitsWithoutWorker: Int64 = 0
  private var lastUnitsWithoutWorkerMs: Int64?
  private var hint = -1
  /// The station numbers of the summary that is being read.
  private var places: [Int32] = []
  /// All slices before this time are closed.
  public private(set) var accountedMs: Int64

  public init(
    siteID: String, window: SiteWindow, timeoutMs: Int64, firstSetMs: [String: Int64],
    scopes: Set<KPIScope> = Set(KPIScope.allCases)
  ) {
    self.siteID = siteID
    (siteWindow, self.window) = (window, window.window)
    self.timeoutMs = timeoutMs
    self.firstSetMs = firstSetMs
    self.scopes = scopes
    needsWorkstations = !scopes.isDisjoint(with: [.workstation, .line, .area])
    accountedMs = window.window.startMs
  }

  // MARK: Before the window

  /// Records the last state of a worker's events before the window; call it in order of time.
  public mutating func carry(worker: Span<UInt8>, _ encoded: Span<UInt8>, originMs: Int64) throws(Failure) {
    guard worker.count > 0 else { return }
    guard let summary = TimelineSummary(encoded: encoded, originMs: originMs), summary.timeoutMs == timeoutMs
    else { throw .unusable }
    let number = number(ofWorker: worker)
    workers[number].lastMs = summary.lastMs
    workers[number].camera = Int32(cameraNames.number(of: summary.lastCameraID))
    if summary.lastState != .unknown {
      workers[number].isSet = true
      workers[number].state = summary.lastState
      workers[number].station = Int32(
        self.number(ofStation: summary.stations[summary.lastStation].workstationID))
    }
  }

  /// Sets the state before the window, for workers whose summaries do not contain it.
  public mutating func carry(worker: String, state: EventKind, workstationID: String) {
    let bytes = Array(worker.utf8)
    let number = number(ofWorker: bytes.span)
    workers[number].isSet = true
    workers[number].state = state.workerState
    workers[number].station = Int32(self.number(ofStation: workstationID))
  }

  /// Workers who were seen shortly before the window, but whose state was set earlier than the carried
  /// summaries.
  public var workersWithoutState: [String] {
    workers.indices.filter { workers[$0].isSet && workers[$0].state == .unknown && workers[$0].lastMs != nil }
      .map { workerNames.names[$0] }
  }

  /// Ends the carrying: sets the last sign of life of workstations where a worker's state reaches into the
  /// window.
  public mutating func beginWindow() {
    for worker in workers {
      guard let lastMs = worker.lastMs, worker.isSet, worker.station >= 0,
        lastMs + timeoutMs > window.startMs
      else { continue }
      stations[Int(worker.station)].sums.recordEvent(atMs: lastMs)
    }
  }

  // MARK: In the window

  /// Adds a worker's summary of the current slice; its events all lie in the window and in the slice.
  public mutating func add(worker: Span<UInt8>, _ encoded: Span<UInt8>, originMs: Int64) throws(Failure) {
    guard let head = SummaryHead(encoded, originMs: originMs), head.timeoutMs == timeoutMs else {
      throw .unusable
    }
    if worker.count == 0 { return try addUnits(encoded, head) }
    let number = number(ofWorker: worker)
    // One copy out and one back: the aggregate is used a dozen times on the way.
    var aggregate = workers[number]
    if head.startsWithRefresh, aggregate.isSet, aggregate.state == .unknown {
      throw .needsState(worker: workerNames.names[number])
    }
    guard aggregate.accountedMs <= head.firstMs, head.lastMs < window.endMs else { throw .malformed }
    var reader = head.reader
    advance(&aggregate, to: head.firstMs)
    aggregate.isListed = true
    guard let camera = reader.range(encoded), let stationCount = reader.count(encoded) else {
      throw .malformed
    }
    aggregate.camera = Int32(cameraNames.number(of: camera, in: encoded, hint: Int(aggregate.camera)))
    try readStations(stationCount, encoded, &reader, head, worker: &aggregate)
    guard let lastCode = reader.integer(encoded), let runCount = reader.count(encoded) else {
      throw .malformed
    }
    var previousMs = head.firstMs
    for _ in 0..<runCount {
      guard let gap = reader.amount(encoded), let length = reader.amount(encoded),
        let code = reader.integer(encoded), previousMs + gap + length <= head.lastMs
      else { throw .malformed }
      let fromMs = previousMs + gap
      if gap > 0 { aggregate.addGap(gap) }
      try set(code, of: &aggregate)
      previousMs = fromMs + length
      addSpan(&aggregate, fromMs, previousMs)
    }
    if previousMs < head.lastMs { aggregate.addGap(head.lastMs - previousMs) }
    try set(lastCode, of: &aggregate)
    aggregate.lastMs = head.lastMs
    aggregate.accountedMs = head.lastMs
    workers[number] = aggregate
  }

  /// Applies a run's state, unless it is the inherited one.
  private func set(_ code: Int64, of aggregate: inout WorkerAggregate) throws(Failure) {
    guard let state = WorkerState(code: code & 3) else { return }
    guard code >> 2 < places.count else { throw .malformed }
    aggregate.isSet = true
    aggregate.state = state
    aggregate.station = places[Int(code >> 2)]
  }

  /// Closes the slice `[…, ms)`: states continue until then or time out.
  public mutating func endSlice(at ms: Int64) {
    let endMs = min(ms, window.endMs)
    guard endMs > accountedMs else { return }
    for number in workers.indices {
      var aggregate = workers[number]
      advance(&aggregate, to: endMs)
      workers[number] = aggregate
    }
    if needsWorkstations {
      for number in stations.indices { stations[number].endSlice() }
    }
    accountedMs = endMs
    hint = -1
  }

  /// The figures at `nowMs`; every slice before it must have been added. O(workers + workstations).
  public func records(nowMs: Int64, offlineCameras: Set<String>) -> [KPIRecord] {
    let builder = KPIRecordBuilder(
      siteID: siteID, stateTimeoutMs: timeoutMs, window: siteWindow, nowMs: nowMs,
      offlineCameras: offlineCameras)
    var last = self
    last.endSlice(at: builder.context.limitMs)
    precondition(last.accountedMs == builder.context.limitMs, "slices end at or before now")
    return last.records(builder)
  }

  private func records(_ builder: KPIRecordBuilder) -> [KPIRecord] {
    let hasElapsed = builder.context.elapsedMs > 0
    var present = [Int64](repeating: 0, count: stations.count)
    var figures: [WorkerFigures] = []
    figures.reserveCapacity(workers.count)
    for (number, worker) in workers.enumerated() {
      var figure = WorkerFigures(
        workerID: workerNames.names[number], workingMs: worker.workingMs, idleMs: worker.idleMs,
        absentMs: worker.absentMs, timedOutMs: worker.timedOutMs, unknownMs: worker.unknownMs,
        workingInPlanMs: worker.workingInPlanMs, units: worker.units, lastEventMs: worker.lastMs,
        lastCameraID: worker.camera < 0 ? nil : cameraNames.names[Int(worker.camera)],
        isListed: worker.isListed)
      if hasElapsed {
        let isHeld = worker.lastMs.map { $0 + timeoutMs >= accountedMs } ?? false
        if !worker.isSet {
          figure.state = .unknown
        } else if isHeld {
          figure.state = worker.state
          if worker.station >= 0 { figure.workstationID = stationNames.names[Int(worker.station)] }
          if worker.state == .working || worker.state == .idle { present[Int(worker.station)] += 1 }
        } else {
          figure.state = .absent
        }
      }
      figures.append(figure)
    }
    let places = stations.enumerated().map { number, station in
      var sums = station.sums
      sums.workersPresent = present[number]
      return sums
    }
    return builder.records(
      workers: figures, workstations: needsWorkstations ? places : [], unitsWithoutWorker: unitsWithoutWorker,
      lastUnitsWithoutWorkerMs: lastUnitsWithoutWorkerMs, scopes: scopes)
  }

  // MARK: Spans

  /// Accounts for a worker's time up to `ms`, in which no event came.
  private mutating func advance(_ aggregate: inout WorkerAggregate, to ms: Int64) {
    let fromMs = aggregate.accountedMs
    guard fromMs < ms else { return }
    var heldMs = fromMs
    if let lastMs = aggregate.lastMs {
      heldMs = max(fromMs, min(ms, lastMs + timeoutMs))
      if fromMs < heldMs { addSpan(&aggregate, fromMs, heldMs) }
    }
    if heldMs < ms { aggregate.addGap(ms - heldMs) }
    aggregate.accountedMs = ms
  }

  /// Accounts for a span in the current state.
  private mutating func addSpan(_ aggregate: inout WorkerAggregate, _ fromMs: Int64, _ toMs: Int64) {
    let duration = toMs - fromMs
    guard aggregate.isSet else {
      aggregate.unknownMs += duration
      return
    }
    aggregate.isListed = true
    switch aggregate.state {
    case .working:
      aggregate.workingMs += duration
      if let planned = window.planned {
        aggregate.workingInPlanMs += planned.durationMs(in: fromMs..<toMs)
      }
    case .idle: aggregate.idleMs += duration
    case .absent: aggregate.absentMs += duration
    case .unknown:
      // A state was set at some time, but no stored event says which.
      aggregate.unknownMs += duration
      return
    }
    guard needsWorkstations, aggregate.state != .absent else { return }
    stations[Int(aggregate.station)].add(fromMs..<toMs, isWorking: aggregate.state == .working)
  }

  // MARK: Names

  private mutating func number(ofWorker name: Span<UInt8>) -> Int {
    // Rows come sorted by worker within a slice, so the next name is mostly the one after the last.
    let number = workerNames.number(of: 0..<name.count, in: name, hint: hint + 1)
    hint = number
    if number == workers.count {
      var worker = WorkerAggregate(accountedMs: window.startMs)
      worker.isSet = firstSetMs[workerNames.names[number]].map { $0 < window.startMs } ?? false
      // A worker who first appears in a later slice has been in this state since the window began.
      if accountedMs > window.startMs { advance(&worker, to: accountedMs) }
      workers.append(worker)
    }
    return number
  }

  private mutating func number(ofStation name: String) -> Int {
    let number = stationNames.number(of: name)
    addStation(number)
    return number
  }

  /// Makes room for a workstation whose name was just numbered, if it is new.
  private mutating func addStation(_ number: Int) {
    guard number == stations.count else { return }
    let id = stationNames.names[number]
    stations.append(WorkstationAggregate(id: id, planned: siteWindow.planned(at: id)))
  }

  /// Reads a summary's workstations into `places`.
  private mutating func readStations(
    _ count: Int, _ encoded: Span<UInt8>, _ reader: inout VarintReader, _ head: SummaryHead,
    worker: inout WorkerAggregate
  ) throws(Failure) {
    places.removeAll(keepingCapacity: true)
    for _ in 0..<count {
      guard let id = reader.range(encoded), let units = reader.amount(encoded),
        let last = reader.amount(encoded)
      else { throw .malformed }
      let station = stationNames.number(of: id, in: encoded, hint: Int(worker.station))
      addStation(station)
      places.append(Int32(station))
      try Self.add(units, to: &worker.units)
      guard needsWorkstations else { continue }
      try Self.add(units, to: &stations[station].sums.units)
      stations[station].sums.isListed = true
      stations[station].sums.recordEvent(atMs: head.firstMs + last)
    }
  }

  /// Sums are checked, because damaged bytes must not trap.
  private static func add(_ units: Int64, to sum: inout Int64) throws(Failure) {
    let (total, isTooLarge) = sum.addingReportingOverflow(units)
    guard !isTooLarge, total <= KPIRecordBuilder.largestUnits else { throw .malformed }
    sum = total
  }

  private mutating func addUnits(_ encoded: Span<UInt8>, _ head: SummaryHead) throws(Failure) {
    var reader = head.reader
    guard reader.range(encoded) != nil, let count = reader.count(encoded) else { throw .malformed }
    for _ in 0..<count {
      guard let id = reader.range(encoded), let units = reader.amount(encoded),
        let last = reader.amount(encoded)
      else { throw .malformed }
      let station = stationNames.number(of: id, in: encoded)
      addStation(station)
      try Self.add(units, to: &stations[station].sums.units)
      stations[station].sums.isListed = true
      stations[station].sums.recordEvent(atMs: head.firstMs + last)
      try Self.add(units, to: &unitsWithoutWorker)
    }
    lastUnitsWithoutWorkerMs = max(lastUnitsWithoutWorkerMs ?? head.lastMs, head.lastMs)
  }
}
