/// A sequence of one worker's events in compact form. Two summaries can be combined without their events.
///
/// A monoid: `combined(with:)` is associative and the empty summary is its identity. It is neither
/// commutative nor idempotent: events must be distinct and in the order of `Event.timelinePrecedes`.
/// Everything is an exact integer. The time-out is part of the summary: between two events at most
/// `timeoutMs` count for the state, the rest is a gap between two runs, in which the worker is timed out.
public struct TimelineSummary: Sendable, Hashable {
  /// The state time-out that the runs were computed with, milliseconds.
  public let timeoutMs: Int64
  /// The first and the last event; meaningless while `isEmpty`.
  public private(set) var firstMs: Int64 = 0
  public private(set) var lastMs: Int64 = 0
  /// The first event only refreshes a state that was set before the summary begins.
  public private(set) var startsWithRefresh = false
  /// The number of the last event's camera; 0 without a worker.
  public private(set) var lastCamera: Int32 = 0
  /// The workstations of the events, in the order of appearance.
  public private(set) var stations: [StationShare] = []
  /// Time between the first and the last event with signs of life: in order, never empty, never overlapping.
  public private(set) var runs: [TimelineRun] = []
  /// The last state that was set and its workstation; `unknown` when none was set.
  public private(set) var lastState: WorkerState = .unknown
  public private(set) var lastStation = -1

  /// The empty summary, the identity of `combined(with:)`.
  public init(timeoutMs: Int64) {
    precondition(timeoutMs > 0, "a time-out is longer than nothing")
    self.timeoutMs = timeoutMs
  }

  /// The summary of a worker's accepted events of one bucket. O(n).
  ///
  /// - Parameter hasWorker: otherwise they are units without a worker, which have no timeline.
  package init(of events: EventList, originMs: Int64, timeoutMs: Int64, hasWorker: Bool) {
    self.init(timeoutMs: timeoutMs)
    var summary = self
    events.forEach { entry in
      guard entry.isAccepted else { return }
      if hasWorker {
        summary.append(entry, originMs: originMs)
      } else {
        summary.appendUnits(entry, originMs: originMs)
      }
    }
    self = summary
  }

  init(
    timeoutMs: Int64, firstMs: Int64, lastMs: Int64, startsWithRefresh: Bool, lastCamera: Int32,
    stations: [StationShare], runs: [TimelineRun], lastState: WorkerState, lastStation: Int
  ) {
    self.timeoutMs = timeoutMs
    self.firstMs = firstMs
    self.lastMs = lastMs
    self.startsWithRefresh = startsWithRefresh
    self.lastCamera = lastCamera
    self.stations = stations
    self.runs = runs
    self.lastState = lastState
    self.lastStation = lastStation
  }

  /// Every event has a workstation, so a summary without one has no event.
  public var isEmpty: Bool { stations.isEmpty }

  /// Appends the next event in timeline order. O(workstations seen), mostly O(1).
  ///
  /// - Parameter originMs: where the entry's time counts from.
  package mutating func append(_ entry: EventList.Entry, originMs: Int64) {
    let (atMs, kind) = (originMs + Int64(entry.offset), entry.kind)
    if isEmpty {
      firstMs = atMs
      startsWithRefresh = !kind.isState
    } else {
      precondition(atMs >= lastMs, "events are appended in their order")
      appendRun(from: lastMs, to: min(atMs, lastMs + timeoutMs), state: lastState, station: lastStation)
    }
    lastMs = atMs
    lastCamera = entry.camera
    let station = record(entry.workstation, units: entry.units, atMs: atMs)
    if kind.isState {
      lastState = kind.workerState
      lastStation = station
    }
  }

  /// Adds units without a worker. They have no timeline: any order gives the same summary.
  package mutating func appendUnits(_ entry: EventList.Entry, originMs: Int64) {
    let atMs = originMs + Int64(entry.offset)
    firstMs = isEmpty ? atMs : min(firstMs, atMs)
    lastMs = isEmpty ? atMs : max(lastMs, atMs)
    startsWithRefresh = true
    _ = record(entry.workstation, units: entry.units, atMs: atMs)
  }

  /// The summary of these events followed by those on the right. O(runs and workstations on the right).
  public func combined(with right: TimelineSummary) -> TimelineSummary {
    precondition(timeoutMs == right.timeoutMs, "both have the same time-out")
    if isEmpty { return right }
    if right.isEmpty { return self }
    var joined = self
    joined.appendRun(
      from: lastMs, to: min(right.firstMs, lastMs + timeoutMs), state: lastState, station: lastStation)
    let places = right.stations.map { share in
      joined.record(share.workstation, units: share.units, atMs: share.lastMs)
    }
    for run in right.runs {
      let isInherited = run.state == .unknown
      joined.appendRun(
        from: run.startMs, to: run.endMs, state: isInherited ? lastState : run.state,
        station: isInherited ? lastStation : places[run.station])
    }
    joined.lastMs = right.lastMs
    joined.lastCamera = right.lastCamera
    if right.lastState != .unknown {
      joined.lastState = right.lastState
      joined.lastStation = places[right.lastStation]
    }
    return joined
  }

  private mutating func record(_ workstation: Int32, units: Int64, atMs: Int64) -> Int {
    for index in stations.indices where stations[index].workstation == workstation {
      stations[index].units += units
      stations[index].lastMs = max(stations[index].lastMs, atMs)
      return index
    }
    stations.append(StationShare(workstation: workstation, units: units, lastMs: atMs))
    return stations.count - 1
  }

  private mutating func appendRun(from: Int64, to: Int64, state: WorkerState, station: Int) {
    guard from < to else { return }
    if let last = runs.last, last.endMs == from, last.state == state, last.station == station {
      runs[runs.count - 1].endMs = to
    } else {
      runs.append(TimelineRun(startMs: from, endMs: to, state: state, station: station))
    }
  }
}
