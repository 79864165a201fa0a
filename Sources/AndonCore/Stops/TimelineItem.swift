/// A stretch of time in one row of a timeline: of a workstation, or of a worker. Half-open, never empty.
package struct TimelineItem: Sendable, Hashable {
  package enum State: String, Sendable, CaseIterable {
    case working, idle
    /// Of a workstation: no worker is here, as far as is known.
    case vacant
    /// Of a worker: a camera said so.
    case absent
    /// No event tells.
    case noData = "no_data"
  }

  /// The workstation; nil while a worker is at none.
  package var workstationID: String?
  package var startMs: Int64
  package var endMs: Int64
  package var state: State
  /// Of a workstation while workers are there: how many in all were there in this stretch.
  package var workers: Int?

  package init(
    workstationID: String?, startMs: Int64, endMs: Int64, state: State, workers: Int? = nil
  ) {
    (self.workstationID, self.startMs, self.endMs) = (workstationID, startMs, endMs)
    (self.state, self.workers) = (state, workers)
  }

  /// The row of a workstation, clipped to a range. O(runs log runs + workers).
  ///
  /// - Parameter runs: of the timeline.
  package static func items(
    at workstation: String, _ timeline: StationTimeline, _ runs: [StationRun], in range: Range<Int64>
  ) -> [TimelineItem] {
    let shown = runs.compactMap { run in
      let part = run.range.clamped(to: range)
      return part.isEmpty
        ? nil : StationRun(startMs: part.lowerBound, endMs: part.upperBound, state: run.state)
    }
    return zip(shown, timeline.workers(in: shown)).map { run, workers in
      TimelineItem(
        workstationID: workstation, startMs: run.startMs, endMs: run.endMs, state: State(run.state),
        workers: workers > 0 ? workers : nil)
    }
  }

  /// A worker in a range. A worker whose state timed out is not known to be absent: the item says that no event tells.
  package static func items(
    of history: WorkerHistory, in range: Range<Int64>, timeoutMs: Int64
  ) -> [TimelineItem] {
    let segments = Timeline.segments(
      of: history.events, startMs: range.lowerBound, endMs: range.upperBound, timeoutMs: timeoutMs,
      pseudonymEndMs: history.endMs)
    return segments.reduce(into: []) { items, segment in
      let state = State(segment)
      let place = state == .working || state == .idle ? segment.workstationID : nil
      if let last = items.last, last.state == state, last.workstationID == place {
        items[items.count - 1].endMs = segment.endMs
      } else {
        items.append(
          TimelineItem(
            workstationID: place, startMs: segment.startMs, endMs: segment.endMs, state: state))
      }
    }
  }

  package static let payload = PayloadTable<TimelineItem>(
    "A stretch of time in one state.",
    [
      .optional("workstation_id", .identifier("The workstation; absent while a worker is at none")) {
        $0.workstationID
      },
      .required("start_ms", .instant("Its first instant")) { $0.startMs },
      .required("end_ms", .instant("The first instant no longer in it")) { $0.endMs },
      .required(
        "state",
        .word(
          "working and idle; vacant: no worker is at the workstation; absent: the worker is not at work; no_data: no "
            + "event tells")
      ) { $0.state },
      .optional("workers", .count("Of a workstation with workers: how many were there in this stretch")) {
        $0.workers
      },
    ])

  package var json: [UInt8] { Self.payload.json(self, capacity: 128) }
}

extension TimelineItem.State {
  init(_ state: StationState) {
    switch state {
    case .working: self = .working
    case .idle: self = .idle
    case .vacant: self = .vacant
    case .noData: self = .noData
    }
  }

  init(_ segment: TimelineSegment) {
    switch segment.state {
    case .working: self = .working
    case .idle: self = .idle
    case .absent: self = segment.isTimedOut ? .noData : .absent
    case .unknown: self = .noData
    }
  }
}
