/// Makes a worker's list of events that come in order of time, as the store reads them.
///
/// Events of one time are put into timeline order among themselves, so nothing but those is kept.
package struct EventListBuilder {
  private let bucketMs: Int64
  private var list = EventList()
  private var waiting: [(event: Event, entry: EventList.Entry)] = []

  package init(bucketMs: Int64) { self.bucketMs = bucketMs }

  package mutating func add(_ event: Event, isAccepted: Bool, workstation: Int32, camera: Int32) {
    if let first = waiting.first, first.event.timestampMs != event.timestampMs { appendWaiting() }
    let entry = EventList.Entry(
      offset: UInt32(event.timestampMs - bucketMs), kind: event.kind, isAccepted: isAccepted,
      count: event.count,
      workstation: workstation, camera: camera)
    waiting.append((event, entry))
  }

  package mutating func finish() -> EventList {
    appendWaiting()
    return list
  }

  private mutating func appendWaiting() {
    if waiting.count > 1 { waiting.sort { Event.timelinePrecedes($0.event, $1.event) } }
    for (_, entry) in waiting { list.append(entry) }
    waiting.removeAll(keepingCapacity: true)
  }
}
