/// What happened at one workstation in a range of time.
///
/// A function of the accepted events and the range; the order in which workers and segments are added does not matter.
package struct StationTimeline: Sendable {
  private var working: [Range<Int64>] = []
  private var presences: [(range: Range<Int64>, worker: String)] = []
  /// From where a worker here timed out, or a pseudonym ended, until the worker was seen again.
  private var silent: [Range<Int64>] = []
  private var firstEventMs: Int64?
  /// Who had an event here or was working or idle here, by the numbers of their names.
  package private(set) var workers: Set<String> = []

  package init() {}

  /// By workstation. Workstations without an event and without a worker in the range are not in it. O(n log n).
  ///
  /// - Parameters:
  ///   - summaries: by worker, what the worker did before the range as far as it reaches into it, and all of the range.
  ///   - ends: by worker, when a pseudonym ends.
  ///   - sights: the events of the range.
  ///   - name: the text of a name's number.
  package static func all(
    of summaries: [Int32: TimelineSummary], ends: [Int32: Int64], _ sights: StationSights,
    in range: Range<Int64>, name: (Int32) throws -> String
  ) rethrows -> [String: StationTimeline] {
    var stations: [String: StationTimeline] = [:]
    for (number, firstMs) in sights.firstMs {
      var station = StationTimeline()
      station.firstEventMs = firstMs
      station.workers = Set(sights.visitors[number]?.map(String.init) ?? [])
      stations[try name(number)] = station
    }
    for (worker, summary) in summaries where worker != 0 {
      let segments = try Timeline.segments(
        of: summary, startMs: range.lowerBound, endMs: range.upperBound,
        pseudonymEndMs: ends[worker] ?? .max, name: name)
      add(segments, of: String(worker), to: &stations)
    }
    return stations
  }

  private static func add(
    _ segments: [TimelineSegment], of worker: String, to stations: inout [String: StationTimeline]
  ) {
    for (place, segment) in segments.enumerated()
    where segment.state == .working || segment.state == .idle {
      let silence = segments[(place + 1)...].prefix { $0.isTimedOut || $0.state == .unknown }
      stations[segment.workstationID, default: StationTimeline()].add(
        segment, of: worker, silentUntilMs: silence.last?.endMs)
    }
  }

  private mutating func add(_ segment: TimelineSegment, of worker: String, silentUntilMs: Int64?) {
    workers.insert(worker)
    presences.append((segment.startMs..<segment.endMs, worker))
    if segment.state == .working { working.append(segment.startMs..<segment.endMs) }
    if let silentUntilMs { silent.append(segment.endMs..<silentUntilMs) }
  }

  /// The states of the range: complete, in order, neighbours differ. O(n log n).
  package func runs(in range: Range<Int64>) -> [StationRun] {
    guard !range.isEmpty else { return [] }
    let (working, occupied) = (IntervalUnion.of(working), IntervalUnion.of(presences.map(\.range)))
    let silentUntilMs = Dictionary(
      silent.map { ($0.lowerBound, $0.upperBound) }, uniquingKeysWith: { max($0, $1) })
    var runs: [StationRun] = []
    func append(_ from: Int64, _ to: Int64, _ state: StationState) {
      guard from < to else { return }
      if let last = runs.last, last.state == state {
        runs[runs.count - 1].endMs = to
      } else {
        runs.append(StationRun(startMs: from, endMs: to, state: state))
      }
    }
    var next = working.startIndex
    var endMs = range.lowerBound
    var knownMs = min(firstEventMs ?? .max, occupied.first?.lowerBound ?? .max, range.upperBound)
    append(endMs, knownMs, .noData)
    endMs = max(endMs, knownMs)
    for span in occupied {
      append(endMs, min(knownMs, span.lowerBound), .noData)
      append(max(endMs, min(knownMs, span.lowerBound)), span.lowerBound, .vacant)
      var idleMs = span.lowerBound
      while next < working.endIndex, working[next].lowerBound < span.upperBound {
        append(idleMs, working[next].lowerBound, .idle)
        append(working[next].lowerBound, working[next].upperBound, .working)
        idleMs = working[next].upperBound
        next += 1
      }
      append(idleMs, span.upperBound, .idle)
      endMs = span.upperBound
      // Only those who left last tell why the station is empty now.
      knownMs = silentUntilMs[endMs] ?? endMs
    }
    append(endMs, min(knownMs, range.upperBound), .noData)
    append(max(endMs, min(knownMs, range.upperBound)), range.upperBound, .vacant)
    return runs
  }

  /// By run, how many workers were here at any time in it. O(n log n) in the workers' spans, and in the runs that a span
  /// reaches into.
  ///
  /// - Parameter runs: in order, disjoint.
  func workers(in runs: [StationRun]) -> [Int] {
    let sorted = presences.sorted { $0.range.lowerBound < $1.range.lowerBound }
    var next = sorted.startIndex
    var here: [(range: Range<Int64>, worker: String)] = []
    return runs.map { run in
      here.removeAll { $0.range.upperBound <= run.startMs }
      while next < sorted.endIndex, sorted[next].range.lowerBound < run.endMs {
        if sorted[next].range.upperBound > run.startMs { here.append(sorted[next]) }
        next += 1
      }
      return Set(here.map(\.worker)).count
    }
  }
}
