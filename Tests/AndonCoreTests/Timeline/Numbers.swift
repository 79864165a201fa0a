@testable import AndonCore

/// Numbers of names, as a file gives them: each text gets the next one.
final class Numbers {
  private var texts = [""]

  func number(_ text: String) -> Int32 {
    if let known = texts.firstIndex(of: text) { return Int32(known) }
    texts.append(text)
    return Int32(texts.count - 1)
  }

  func text(_ number: Int32) -> String { texts[Int(number)] }

  /// The list of one worker's accepted events of a bucket, given in any order.
  func list(_ events: [(event: Event, cameraID: String)], originMs: Int64) -> EventList {
    EventList(
      events.sorted { Event.timelinePrecedes($0.event, $1.event) }.map { event, camera in
        EventList.Entry(
          offset: UInt32(event.timestampMs - originMs), kind: event.kind, isAccepted: true,
          count: event.count,
          workstation: number(event.workstationID), camera: number(camera))
      })
  }
}
