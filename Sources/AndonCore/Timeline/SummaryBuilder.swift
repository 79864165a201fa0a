/// Makes a worker's summary of accepted events that come in order of time, as the store reads them.
///
/// Events of one time are put into timeline order among themselves, so nothing but those is kept.
package struct SummaryBuilder {
  private let worker: String
  private var summary: TimelineSummary
  private var waiting: [(event: Event, cameraID: String)] = []

  package init(worker: String, timeoutMs: Int64) {
    self.worker = worker
    summary = TimelineSummary(timeoutMs: timeoutMs)
  }

  package mutating func add(_ event: Event, cameraID: String) {
    // Without a worker there is no timeline, and any order gives the same summary.
    guard !worker.isEmpty else { return summary.appendUnits(event) }
    if let first = waiting.first, first.event.timestampMs != event.timestampMs { appendWaiting() }
    waiting.append((event, cameraID))
  }

  /// The summary of the events so far; nil when there are none.
  package mutating func finish() -> TimelineSummary? {
    appendWaiting()
    return summary.isEmpty ? nil : summary
  }

  private mutating func appendWaiting() {
    if waiting.count > 1 { waiting.sort { Event.timelinePrecedes($0.event, $1.event) } }
    for (event, cameraID) in waiting { summary.append(event, cameraID: cameraID) }
    waiting.removeAll(keepingCapacity: true)
  }
}
