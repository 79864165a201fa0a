/// The last telling of a stop: the row with the greatest revision holds.
package struct ShippedStop: Sendable, Hashable {
  package var workstationID: String
  package var startMs: Int64
  package var endMs: Int64
  package var isOpen: Bool
  package var durationMs: Int64
  package var kind: String
  package var shiftID: String
  package var revision: Int64
  package var isRetracted: Bool
  /// The payload of the `stop` topic, with the reason, without the names of people.
  package var payload: String

  package init(
    workstationID: String, startMs: Int64, endMs: Int64, isOpen: Bool, durationMs: Int64, kind: String,
    shiftID: String, revision: Int64, isRetracted: Bool, payload: String
  ) {
    (self.workstationID, self.startMs, self.endMs) = (workstationID, startMs, endMs)
    (self.isOpen, self.durationMs, self.kind, self.shiftID) = (isOpen, durationMs, kind, shiftID)
    (self.revision, self.isRetracted, self.payload) = (revision, isRetracted, payload)
  }
}

extension ShippedStop {
  func append(to writer: inout ShipBodyBuffer) {
    for text in [workstationID, kind, shiftID] { writer.append(name: text) }
    for time in [startMs, endMs] { writer.append(timeMs: time) }
    for number in [durationMs, revision] { writer.append(number) }
    writer.append(unsigned: (isOpen ? 1 : 0) | (isRetracted ? 2 : 0))
    writer.append(text: payload)
  }

  init(_ reader: inout ShipBodyReader) throws(ShipBodyError) {
    workstationID = try reader.name()
    kind = try reader.name()
    shiftID = try reader.name()
    startMs = try reader.timeMs()
    endMs = try reader.timeMs()
    durationMs = try reader.integer()
    revision = try reader.integer()
    let flags = try reader.choice([0, 1, 2, 3], "pair of flags")
    (isOpen, isRetracted) = (flags & 1 == 1, flags & 2 == 2)
    payload = try reader.text()
  }
}
