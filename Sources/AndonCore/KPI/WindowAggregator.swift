/// Computes a window's figures from what is stored of workers' buckets, slice by slice in order of time.
///
/// ```
/// carry(…)*  before the window: who was where           (events that end before its start)
/// beginWindow()
/// ( add(…)*  endSlice(at:) )*                           (each worker's part of the slice, then its end)
/// records()
/// ```
///
/// A copy at the end of a slice is a checkpoint: an open window continues from it as long as nothing before
/// it changes. O(runs of the slice + workers) a slice; memory grows with workers and workstations, not with
/// events. Workers, workstations and cameras are their numbers in the file; `names` gives the texts.
public struct WindowAggregator: Sendable {
  /// Why a summary could not be added.
  public enum Failure: Error, Equatable {
    /// Bytes of another version, or a summary with another time-out: use the events. Nothing was added.
    case unusable
    /// The bytes are damaged. Part of them was added: discard this aggregator.
    case malformed
    /// The events refresh a state from before the window: call `carry(worker:state:…)` and add them again.
    case needsState(worker: Int32)
  }

  /// The text of a name by its number.
  package typealias Names = (Int32) throws -> String

  public let siteID: String
  /// What the figures are about.
  public let siteWindow: SiteWindow
  /// Its span of time; a copy, because each event looks at it.
  let window: Window
  let timeoutMs: Int64
  private let scopes: Set<KPIScope>
  let needsWorkstations: Bool
  /// By the worker's number, when the first state ever was set.
  private let firstSetMs: [Int32: Int64]
  /// By number, when pseudonyms end: nothing is known of them from then on. Set it before more events are added: a
  /// checkpoint does not know the pseudonyms of later.
  package var pseudonymEnds: [Int32: Int64] = [:]
  /// Whether records tell how many workers they are about. Set it before anything is added.
  package var countsWorkers = false
  /// By number, the places in `workers` and `stations`; −1 for none.
  private var workerPlaces: [Int32] = []
  private var stationPlaces: [Int32] = []
  var workers: [WorkerAggregate] = []
  var stations: [WorkstationAggregate] = []
  /// So many of `stations` know their names.
  private var namedStations = 0
  var unitsWithoutWorker: Int64 = 0
  var lastUnitsWithoutWorkerMs: Int64?
  /// The places of the workstations of the summary that is being read.
  var places: [Int32] = []
  /// All slices before this time are closed.
  public private(set) var accountedMs: Int64

  package init(
    siteID: String, window: SiteWindow, timeoutMs: Int64, firstSetMs: [Int32: Int64],
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
  package mutating func carry(worker number: Int32, _ encoded: Span<UInt8>, originMs: Int64) throws(Failure) {
    guard number != 0 else { return }
    guard let summary = TimelineSummary(encoded: encoded, originMs: originMs), summary.timeoutMs == timeoutMs
    else { throw .unusable }
    try carry(WorkerSums(worker: number, summary, originMs: originMs), originMs: originMs)
  }

  /// The same from sums.
  package mutating func carry(_ sums: WorkerSums, originMs: Int64) throws(Failure) {
    guard sums.worker != 0 else { return }
    guard sums.isPossible else { throw .malformed }
    let place = try place(ofWorker: sums.worker)
    workers[place].lastMs = originMs + Int64(sums.firstOffset) + Int64(sums.lengthMs)
    workers[place].camera = sums.lastCamera
    guard sums.lastState != .unknown else { return }
    workers[place].set(sums.lastState, station: Int32(try self.place(ofStation: sums.lastStation)))
  }

  /// The same from the events themselves, in timeline order.
  package mutating func carry(worker number: Int32, _ events: [EventList.Entry], originMs: Int64)
    throws(Failure)
  {
    guard number != 0, let last = events.last(where: \.isAccepted) else { return }
    let place = try place(ofWorker: number)
    workers[place].lastMs = originMs + Int64(last.offset)
    workers[place].camera = last.camera
    guard let set = events.last(where: { $0.isAccepted && $0.kind.isState }) else { return }
    workers[place].set(set.kind.workerState, station: Int32(try self.place(ofStation: set.workstation)))
  }

  /// Records a last sign of life before the window, whose event is not stored any more.
  package mutating func carry(worker number: Int32, lastSign ms: Int64, camera: Int32) throws(Failure) {
    guard number != 0 else { return }
    let place = try place(ofWorker: number)
    (workers[place].lastMs, workers[place].camera) = (ms, camera)
  }

  /// Sets the state before the window, for workers whose events shortly before it do not contain it.
  package mutating func carry(worker number: Int32, state: EventKind, workstation: Int32) throws(Failure) {
    let place = try place(ofWorker: number)
    workers[place].set(state.workerState, station: Int32(try self.place(ofStation: workstation)))
  }

  /// Takes a worker for one whose state was never set, because no stored event says which it was.
  package mutating func forgetState(of number: Int32) throws(Failure) {
    workers[try place(ofWorker: number)].isSet = false
  }

  /// Workers who were seen shortly before the window, but whose state was set earlier than what was carried.
  package var workersWithoutState: [Int32] {
    workers.lazy.filter { $0.isSet && $0.state == .unknown && $0.lastMs != nil }.map(\.number)
  }

  /// Ends the carrying: sets the last sign of life of workstations where a worker's state reaches into the
  /// window.
  public mutating func beginWindow() {
    for worker in workers {
      guard let lastMs = worker.lastMs, worker.isSet, worker.station >= 0,
        min(lastMs + timeoutMs, worker.endMs) > window.startMs
      else { continue }
      stations[Int(worker.station)].sums.recordEvent(atMs: lastMs)
    }
  }

  // MARK: In the window

  /// Closes the slice `[…, ms)`: states continue until then or time out.
  package mutating func endSlice(at ms: Int64, names: Names) throws {
    let endMs = min(ms, window.endMs)
    guard endMs > accountedMs else { return }
    accountedMs = endMs
    // Without workstations a worker's time is added with the next event, or at the end.
    guard needsWorkstations else { return }
    advanceWorkers()
    try nameStations(names)
    for place in stations.indices { stations[place].endSlice() }
  }

  private mutating func advanceWorkers() {
    for place in workers.indices {
      var worker = workers[place]
      advance(&worker, to: accountedMs)
      workers[place] = worker
    }
  }

  /// What is planned depends on a workstation's name.
  private mutating func nameStations(_ names: Names) throws {
    while namedStations < stations.count {
      let id = try names(stations[namedStations].number)
      stations[namedStations].name(id, planned: siteWindow.planned(at: id))
      namedStations += 1
    }
  }

  /// The figures at `nowMs`; every slice before it must have been added. O(workers + workstations).
  ///
  /// - Parameters:
  ///   - recentUnits: of what `SiteWindow.recentStarts` names.
  ///   - stops: of the workstations that take part in a shift; nil without shifts, or when they are not known.
  package func records(
    nowMs: Int64, offlineCameras: Set<String>, recentUnits: [TargetSubject: Int64] = [:],
    stops: [String: StopTotals]? = nil, names: Names
  ) throws -> [KPIRecord] {
    var builder = KPIRecordBuilder(
      siteID: siteID, stateTimeoutMs: timeoutMs, window: siteWindow, nowMs: nowMs,
      offlineCameras: offlineCameras)
    builder.countsWorkers = countsWorkers
    builder.recentUnits = recentUnits
    builder.stops = stops
    if countsWorkers {
      for worker in workers where worker.endMs != .max { builder.pseudonymEnds[worker.number] = worker.endMs }
    }
    var last = self
    try last.endSlice(at: builder.context.limitMs, names: names)
    precondition(last.accountedMs == builder.context.limitMs, "slices end at or before now")
    last.advanceWorkers()
    if needsWorkstations { try last.nameStations(names) }
    return try last.records(builder, names)
  }

  private func records(_ builder: KPIRecordBuilder, _ names: Names) throws -> [KPIRecord] {
    let hasElapsed = builder.context.elapsedMs > 0
    let namesWorkers = scopes.contains(.worker)
    var present = [Int64](repeating: 0, count: stations.count)
    var figures: [WorkerFigures] = []
    figures.reserveCapacity(workers.count)
    for worker in workers {
      var figure = WorkerFigures(
        workerID: namesWorkers ? try names(worker.number) : "", workingMs: worker.workingMs,
        idleMs: worker.idleMs,
        absentMs: worker.absentMs, timedOutMs: worker.timedOutMs, unknownMs: worker.unknownMs,
        workingInPlanMs: worker.workingInPlanMs, units: worker.units, lastEventMs: worker.lastMs,
        lastCameraID: worker.camera == 0 || builder.offlineCameras.isEmpty ? nil : try names(worker.camera),
        isListed: worker.isListed)
      figure.pseudonymEndMs = worker.endMs
      if hasElapsed {
        let isHeld = worker.lastMs.map { min($0 + timeoutMs, worker.endMs) >= accountedMs } ?? false
        let isKnown = worker.isSet && worker.endMs >= accountedMs
        figure.state = !isKnown ? .unknown : isHeld ? worker.state : .absent
        if worker.isSet, isHeld, worker.station >= 0 {
          if namesWorkers { figure.workstationID = try names(stations[Int(worker.station)].number) }
          if worker.state == .working || worker.state == .idle { present[Int(worker.station)] += 1 }
        }
      }
      figures.append(figure)
    }
    let places = stations.enumerated().map { number, station in
      var sums = station.sums
      // Who was here before the window says nothing of a window that has not begun.
      if !hasElapsed, !sums.isListed { sums.lastEventMs = nil }
      sums.workersPresent = present[number]
      return sums
    }
    return builder.records(
      workers: figures, workstations: needsWorkstations ? places : [], unitsWithoutWorker: unitsWithoutWorker,
      lastUnitsWithoutWorkerMs: lastUnitsWithoutWorkerMs, scopes: scopes)
  }

  // MARK: Spans

  /// Accounts for a worker's time up to `ms`, in which no event came.
  mutating func advance(_ aggregate: inout WorkerAggregate, to ms: Int64) {
    let fromMs = aggregate.accountedMs
    guard fromMs < ms else { return }
    var heldMs = fromMs
    if let lastMs = aggregate.lastMs {
      heldMs = max(fromMs, min(ms, lastMs + timeoutMs, aggregate.endMs))
      if fromMs < heldMs { addSpan(&aggregate, fromMs, heldMs) }
    }
    let knownMs = max(heldMs, min(ms, aggregate.endMs))
    if heldMs < knownMs { aggregate.addGap(knownMs - heldMs) }
    if knownMs < ms { aggregate.unknownMs += ms - knownMs }
    aggregate.accountedMs = ms
  }

  /// Accounts for a span in the current state.
  mutating func addSpan(_ aggregate: inout WorkerAggregate, _ fromMs: Int64, _ toMs: Int64) {
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
    if countsWorkers { stations[Int(aggregate.station)].sums.workers.insert(aggregate.number) }
  }

  // MARK: Numbers

  /// More names than a site can have.
  private static let largestNumber: Int32 = 1 << 24

  /// The worker's place in `workers`. O(1).
  mutating func place(ofWorker number: Int32) throws(Failure) -> Int {
    if number >= 0, number < workerPlaces.count, workerPlaces[Int(number)] >= 0 {
      return Int(workerPlaces[Int(number)])
    }
    try Self.add(number, Int32(workers.count), to: &workerPlaces)
    var worker = WorkerAggregate(number: number, accountedMs: window.startMs)
    worker.isSet = firstSetMs[number].map { $0 < window.startMs } ?? false
    if let endMs = pseudonymEnds[number] { worker.endMs = endMs }
    // A worker who first appears in a later slice has been in this state since the window began.
    if accountedMs > window.startMs { advance(&worker, to: accountedMs) }
    workers.append(worker)
    return workers.count - 1
  }

  /// The workstation's place in `stations`. O(1).
  mutating func place(ofStation number: Int32) throws(Failure) -> Int {
    if number >= 0, number < stationPlaces.count, stationPlaces[Int(number)] >= 0 {
      return Int(stationPlaces[Int(number)])
    }
    try Self.add(number, Int32(stations.count), to: &stationPlaces)
    stations.append(WorkstationAggregate(number: number))
    return stations.count - 1
  }

  private static func add(_ number: Int32, _ place: Int32, to places: inout [Int32]) throws(Failure) {
    guard 0...largestNumber ~= number else { throw .malformed }
    while places.count <= Int(number) { places.append(-1) }
    places[Int(number)] = place
  }
}
