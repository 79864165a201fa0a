/// A row of the journal of reasons: what was said about the time of a stop.
package struct ShippedReason: Sendable, Hashable {
  package var number: Int64
  package var workstationID: String
  package var startMs: Int64
  /// Nil when the stop was open.
  package var endMs: Int64?
  /// `none` where the reason before is taken away.
  package var reasonID: String
  package var comment: String
  package var atMs: Int64

  package init(
    number: Int64, workstationID: String, startMs: Int64, endMs: Int64?, reasonID: String, comment: String,
    atMs: Int64
  ) {
    (self.number, self.workstationID, self.startMs, self.endMs) = (number, workstationID, startMs, endMs)
    (self.reasonID, self.comment, self.atMs) = (reasonID, comment, atMs)
  }
}

extension ShippedReason {
  func append(to writer: inout ShipBodyBuffer) {
    writer.append(number)
    for text in [workstationID, reasonID] { writer.append(name: text) }
    for time in [startMs, atMs] { writer.append(timeMs: time) }
    writer.append(optional: endMs)
    writer.append(text: comment)
  }

  init(_ reader: inout ShipBodyReader) throws(ShipBodyError) {
    number = try reader.integer()
    workstationID = try reader.name()
    reasonID = try reader.name()
    startMs = try reader.timeMs()
    atMs = try reader.timeMs()
    endMs = try reader.optional()
    comment = try reader.text()
  }
}
