/// The three forms in which a worker's events of a slice come: sums, a summary, or the events themselves. The first that
/// fits is the cheapest; all give the same figures.
extension WindowAggregator {
  /// How sums of a whole bucket count: whether all working time in it is planned, or none. Nil when only part of the
  /// bucket is planned, or when workstations are asked for: then summaries are needed, which say when.
  package func sumsArePlanned(in bucket: Range<Int64>) -> Bool? {
    guard !needsWorkstations else { return nil }
    guard let planned = window.planned else { return false }
    let plannedMs = planned.durationMs(in: bucket)
    if plannedMs == 0 { return false }
    return plannedMs == bucket.upperBound - bucket.lowerBound ? true : nil
  }

  /// Adds a worker's sums of the current slice, which is a whole bucket of the window.
  package mutating func add(_ sums: WorkerSums, originMs: Int64, isPlanned: Bool) throws(Failure) {
    let firstMs = originMs + Int64(sums.firstOffset)
    let lastMs = firstMs + Int64(sums.lengthMs)
    guard sums.isPossible, accountedMs <= firstMs, lastMs < window.endMs else { throw .malformed }
    if sums.worker == 0 {
      try Self.add(sums.units, to: &unitsWithoutWorker)
      lastUnitsWithoutWorkerMs = max(lastUnitsWithoutWorkerMs ?? lastMs, lastMs)
      return
    }
    let place = try place(ofWorker: sums.worker)
    var worker = workers[place]
    // A damaged summary of an earlier slice may reach beyond it.
    guard worker.accountedMs <= firstMs else { throw .malformed }
    if sums.startsWithRefresh, worker.isSet, worker.state == .unknown {
      throw .needsState(worker: sums.worker)
    }
    advance(&worker, to: firstMs)
    worker.isListed = true
    worker.add(Int64(sums.inheritedMs), isPlanned: isPlanned)
    if sums.inheritedGapMs > 0 { worker.addGap(Int64(sums.inheritedGapMs)) }
    worker.workingMs += Int64(sums.workingMs)
    if isPlanned { worker.workingInPlanMs += Int64(sums.workingMs) }
    worker.idleMs += Int64(sums.idleMs)
    worker.absentMs += Int64(sums.absentMs)
    if sums.lastState != .unknown {
      worker.set(sums.lastState, station: Int32(try self.place(ofStation: sums.lastStation)))
    }
    if sums.gapMs > 0 { worker.addGap(sums.gapMs) }
    try Self.add(sums.units, to: &worker.units)
    worker.end(atMs: lastMs, camera: sums.lastCamera)
    workers[place] = worker
  }

  /// Adds a worker's events of the current slice, in timeline order. They all lie in the window and in the slice.
  package mutating func add(worker number: Int32, _ events: [EventList.Entry], originMs: Int64)
    throws(Failure)
  {
    guard let first = events.first(where: \.isAccepted) else { return }
    guard accountedMs <= originMs + Int64(first.offset),
      originMs + Int64(events[events.count - 1].offset) < window.endMs
    else { throw .malformed }
    if number == 0 { return try addUnits(events, originMs: originMs) }
    let place = try place(ofWorker: number)
    var worker = workers[place]
    guard worker.accountedMs <= originMs + Int64(first.offset) else { throw .malformed }
    if !first.kind.isState, worker.isSet, worker.state == .unknown { throw .needsState(worker: number) }
    worker.isListed = true
    var (workstation, station): (Int32, Int) = (-1, -1)
    for event in events where event.isAccepted {
      let ms = originMs + Int64(event.offset)
      if event.workstation != workstation {
        (workstation, station) = (event.workstation, try self.place(ofStation: event.workstation))
      }
      let isChange =
        event.kind.isState && (event.kind.workerState != worker.state || Int32(station) != worker.station)
      // As long as nothing changes, the time is added in one piece.
      if isChange || worker.lastMs.map({ ms - $0 > timeoutMs }) ?? true { advance(&worker, to: ms) }
      if event.kind.isState {
        worker.set(event.kind.workerState, station: Int32(station))
      } else {
        try Self.add(event.units, to: &worker.units)
      }
      try record(units: event.units, atMs: ms, station, of: number)
      (worker.lastMs, worker.camera) = (ms, event.camera)
    }
    if let lastMs = worker.lastMs {
      advance(&worker, to: lastMs)
      worker.end(atMs: lastMs, camera: worker.camera)
    }
    workers[place] = worker
  }

  private mutating func addUnits(_ events: [EventList.Entry], originMs: Int64) throws(Failure) {
    for event in events where event.isAccepted {
      let ms = originMs + Int64(event.offset)
      try record(units: event.units, atMs: ms, try place(ofStation: event.workstation), of: 0)
      try Self.add(event.units, to: &unitsWithoutWorker)
      lastUnitsWithoutWorkerMs = max(lastUnitsWithoutWorkerMs ?? ms, ms)
    }
  }

  /// Adds a worker's summary of the current slice; its events all lie in the window and in the slice.
  package mutating func add(worker number: Int32, _ encoded: Span<UInt8>, originMs: Int64) throws(Failure) {
    guard let head = SummaryHead(encoded, originMs: originMs), head.timeoutMs == timeoutMs else {
      throw .unusable
    }
    guard accountedMs <= head.firstMs, head.lastMs < window.endMs else { throw .malformed }
    if number == 0 { return try addUnits(encoded, head) }
    let place = try place(ofWorker: number)
    // One copy out and one back: the aggregate is used a dozen times on the way.
    var worker = workers[place]
    if head.startsWithRefresh, worker.isSet, worker.state == .unknown { throw .needsState(worker: number) }
    guard worker.accountedMs <= head.firstMs else { throw .malformed }
    var reader = head.reader
    advance(&worker, to: head.firstMs)
    worker.isListed = true
    guard let camera = reader.number(encoded), let stationCount = reader.count(encoded) else {
      throw .malformed
    }
    try readStations(stationCount, encoded, &reader, head, of: number, units: &worker.units)
    guard let lastCode = reader.integer(encoded), let runCount = reader.count(encoded) else {
      throw .malformed
    }
    var previousMs = head.firstMs
    for _ in 0..<runCount {
      guard let gap = reader.amount(encoded), let length = reader.amount(encoded),
        let code = reader.integer(encoded), previousMs + gap + length <= head.lastMs
      else { throw .malformed }
      let fromMs = previousMs + gap
      if gap > 0 { worker.addGap(gap) }
      try set(code, of: &worker)
      previousMs = fromMs + length
      addSpan(&worker, fromMs, previousMs)
    }
    if previousMs < head.lastMs { worker.addGap(head.lastMs - previousMs) }
    try set(lastCode, of: &worker)
    worker.end(atMs: head.lastMs, camera: camera)
    workers[place] = worker
  }

  /// Applies a run's state, unless it is the inherited one.
  private func set(_ code: Int64, of worker: inout WorkerAggregate) throws(Failure) {
    guard let state = WorkerState(code: code & 3) else { return }
    guard code >> 2 < places.count else { throw .malformed }
    worker.set(state, station: places[Int(code >> 2)])
  }

  /// Reads a summary's workstations into `places`.
  private mutating func readStations(
    _ count: Int, _ encoded: Span<UInt8>, _ reader: inout VarintReader, _ head: SummaryHead,
    of worker: Int32, units sum: inout Int64
  ) throws(Failure) {
    places.removeAll(keepingCapacity: true)
    for _ in 0..<count {
      guard let number = reader.number(encoded), let units = reader.amount(encoded),
        let last = reader.amount(encoded)
      else { throw .malformed }
      let station = try place(ofStation: number)
      places.append(Int32(station))
      try Self.add(units, to: &sum)
      try record(units: units, atMs: head.firstMs + last, station, of: worker)
    }
  }

  private mutating func addUnits(_ encoded: Span<UInt8>, _ head: SummaryHead) throws(Failure) {
    var reader = head.reader
    guard reader.number(encoded) != nil, let count = reader.count(encoded) else { throw .malformed }
    var units: Int64 = 0
    try readStations(count, encoded, &reader, head, of: 0, units: &units)
    try Self.add(units, to: &unitsWithoutWorker)
    lastUnitsWithoutWorkerMs = max(lastUnitsWithoutWorkerMs ?? head.lastMs, head.lastMs)
  }

  /// Records events at a workstation.
  private mutating func record(
    units: Int64, atMs ms: Int64, _ station: Int, of worker: Int32
  ) throws(Failure) {
    guard needsWorkstations else { return }
    try Self.add(units, to: &stations[station].sums.units)
    stations[station].sums.isListed = true
    stations[station].sums.recordEvent(atMs: ms)
    if countsWorkers, worker != 0 { stations[station].sums.workers.insert(worker) }
  }

  /// Sums are checked, because damaged bytes must not trap.
  private static func add(_ units: Int64, to sum: inout Int64) throws(Failure) {
    let (total, isTooLarge) = sum.addingReportingOverflow(units)
    guard !isTooLarge, total <= KPIRecordBuilder.largestUnits else { throw .malformed }
    sum = total
  }
}
