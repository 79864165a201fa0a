/// Figures from events: a function of the events, the window and `nowMs` only.
///
/// The plain recompute that summaries are compared with: it sorts all events and walks through them. All sums
/// are integers of milliseconds and units; division and rounding happen once, when a record is built. O(n log
/// n).
public struct KPICalculator: Sendable {
  private let siteID: String
  private let stateTimeoutMs: Int64

  /// Whether records tell how many workers they are about.
  private let countsWorkers: Bool

  public init(siteID: String, stateTimeoutMs: Int64, countsWorkers: Bool = false) {
    self.countsWorkers = countsWorkers
    self.siteID = siteID
    self.stateTimeoutMs = stateTimeoutMs
  }

  /// The site's record, then those of areas and lines as configured, of workstations and workers, each sorted by id.
  ///
  /// Histories may begin before the window and end after `nowMs`; events outside are ignored here.
  ///
  /// - Parameter stops: of the workstations that take part in a shift; nil without shifts, or when they are not known.
  public func records(
    window siteWindow: SiteWindow, nowMs: Int64, histories: [WorkerHistory], offlineCameras: Set<String> = [],
    stops: [String: StopTotals]? = nil
  ) -> [KPIRecord] {
    let window = siteWindow.window
    var builder = KPIRecordBuilder(
      siteID: siteID, stateTimeoutMs: stateTimeoutMs, window: siteWindow, nowMs: nowMs,
      offlineCameras: offlineCameras)
    builder.countsWorkers = countsWorkers
    builder.stops = stops
    for (place, history) in histories.enumerated() where history.endMs != .max {
      builder.pseudonymEnds[Int32(place)] = history.endMs
    }
    builder.recentUnits = recentUnits(siteWindow, histories, nowMs: nowMs)
    let limitMs = builder.context.limitMs
    var stations: [String: Presence] = [:]
    var workers: [WorkerFigures] = []
    var unitsWithoutWorker: Int64 = 0
    var lastUnitsWithoutWorkerMs: Int64?
    for (place, history) in histories.enumerated() {
      let number = countsWorkers && !history.workerID.isEmpty ? Int32(place) : nil
      let events = history.events.filter { $0.timestampMs < limitMs }.sorted(by: Event.timelinePrecedes)
      for event in events where event.timestampMs >= window.startMs {
        stations[event.workstationID, default: Presence()].add(event, of: number)
        guard history.workerID.isEmpty else { continue }
        unitsWithoutWorker += Int64(event.count)
        lastUnitsWithoutWorkerMs = event.timestampMs
      }
      guard !history.workerID.isEmpty else { continue }
      let segments = Timeline.segments(
        of: events, startMs: window.startMs, endMs: limitMs, timeoutMs: stateTimeoutMs,
        pseudonymEndMs: history.endMs)
      workers.append(figures(of: history, events, segments, window: window, limitMs: limitMs))
      for segment in segments where !segment.workstationID.isEmpty {
        stations[segment.workstationID, default: Presence()].add(
          segment, isLast: segment.endMs == limitMs, of: number)
      }
      if let (station, lastMs) = carriedIn(history, events, window: window, limitMs: limitMs) {
        stations[station, default: Presence()].recordEvent(atMs: lastMs)
      }
    }
    return builder.records(
      workers: workers,
      workstations: stations.map { $0.value.figures(id: $0.key, planned: siteWindow.planned(at: $0.key)) },
      unitsWithoutWorker: unitsWithoutWorker, lastUnitsWithoutWorkerMs: lastUnitsWithoutWorkerMs)
  }

  private func recentUnits(
    _ siteWindow: SiteWindow, _ histories: [WorkerHistory], nowMs: Int64
  ) -> [TargetSubject: Int64] {
    let starts = siteWindow.recentStarts(nowMs: nowMs)
    guard !starts.isEmpty else { return [:] }
    var units = starts.mapValues { _ in Int64(0) }
    for event in histories.flatMap(\.events) where event.timestampMs < nowMs {
      var subjects = [
        TargetSubject(.site, siteID), TargetSubject(.workstation, event.workstationID),
      ]
      if let line = siteWindow.layout.line(ofWorkstation: event.workstationID) {
        subjects.append(TargetSubject(.line, line.id))
      }
      for subject in subjects {
        if let startMs = starts[subject], startMs <= event.timestampMs {
          units[subject, default: 0] += Int64(event.count)
        }
      }
    }
    return units
  }

  private func figures(
    of history: WorkerHistory, _ events: [Event], _ segments: [TimelineSegment], window: Window,
    limitMs: Int64
  ) -> WorkerFigures {
    var figures = WorkerFigures(workerID: history.workerID)
    for segment in segments {
      figures.add(segment.durationMs, as: segment.state)
      if segment.isTimedOut {
        figures.timedOutMs += segment.durationMs
      } else if segment.state != .unknown {
        figures.isListed = true
      }
    }
    for segment in segments where segment.state == .working {
      figures.workingInPlanMs += window.planned?.durationMs(in: segment.startMs..<segment.endMs) ?? 0
    }
    for event in events where event.timestampMs >= window.startMs {
      figures.isListed = true
      figures.units += Int64(event.count)
    }
    figures.lastEventMs = events.last?.timestampMs
    figures.pseudonymEndMs = history.endMs
    figures.lastCameraID = history.lastCameraID
    figures.state = segments.last?.state
    if let last = segments.last, !last.workstationID.isEmpty { figures.workstationID = last.workstationID }
    return figures
  }

  /// The workstation of the state that reaches into the window, and the last sign of life before it.
  private func carriedIn(
    _ history: WorkerHistory, _ events: [Event], window: Window, limitMs: Int64
  ) -> (station: String, lastMs: Int64)? {
    let before = events.filter { $0.timestampMs < window.startMs }
    guard window.startMs < limitMs, let last = before.last, let set = before.last(where: \.kind.isState),
      min(last.timestampMs + stateTimeoutMs, history.endMs) > window.startMs
    else { return nil }
    return (set.workstationID, last.timestampMs)
  }

  /// Time spent at a workstation, as spans that may still overlap.
  private struct Presence {
    private var working: [Range<Int64>] = []
    private var occupied: [Range<Int64>] = []
    private var sums = WorkstationFigures(workstationID: "")

    mutating func recordEvent(atMs: Int64) { sums.recordEvent(atMs: atMs) }

    mutating func add(_ event: Event, of worker: Int32?) {
      if let worker { sums.workers.insert(worker) }
      sums.recordEvent(atMs: event.timestampMs)
      sums.isListed = true
      sums.units += Int64(event.count)
    }

    mutating func add(_ segment: TimelineSegment, isLast: Bool, of worker: Int32?) {
      guard segment.state == .working || segment.state == .idle else { return }
      if let worker { sums.workers.insert(worker) }
      sums.isListed = true
      sums.laborMs += segment.durationMs
      occupied.append(segment.startMs..<segment.endMs)
      if segment.state == .working { working.append(segment.startMs..<segment.endMs) }
      if isLast { sums.workersPresent += 1 }
    }

    func figures(id: String, planned: PlannedTime?) -> WorkstationFigures {
      var figures = sums
      let workingSpans = IntervalUnion.of(working)
      figures.workstationID = id
      figures.workingMs = IntervalUnion.durationMs(workingSpans)
      figures.occupiedMs = IntervalUnion.durationMs(IntervalUnion.of(occupied))
      for span in workingSpans { figures.workingInPlanMs += planned?.durationMs(in: span) ?? 0 }
      return figures
    }
  }
}
