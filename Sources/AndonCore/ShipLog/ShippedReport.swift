/// That the report of a shift was told. What it says is in the other records.
package struct ShippedReport: Sendable, Hashable {
  package var scope: String
  package var id: String
  package var startMs: Int64
  package var endMs: Int64
  package var shiftID: String
  package var revision: Int64
  package var isRetracted: Bool
  /// `ShiftReport.face` of what was told.
  package var face: Int64

  package init(
    scope: String, id: String, startMs: Int64, endMs: Int64, shiftID: String, revision: Int64,
    isRetracted: Bool, face: Int64
  ) {
    (self.scope, self.id, self.startMs, self.endMs) = (scope, id, startMs, endMs)
    (self.shiftID, self.revision, self.isRetracted, self.face) = (shiftID, revision, isRetracted, face)
  }
}

extension ShippedReport {
  func append(to writer: inout ShipBodyBuffer) {
    for text in [scope, id, shiftID] { writer.append(name: text) }
    for time in [startMs, endMs] { writer.append(timeMs: time) }
    for number in [revision, face] { writer.append(number) }
    writer.append(unsigned: isRetracted ? 1 : 0)
  }

  init(_ reader: inout ShipBodyReader) throws(ShipBodyError) {
    scope = try reader.name()
    id = try reader.name()
    shiftID = try reader.name()
    startMs = try reader.timeMs()
    endMs = try reader.timeMs()
    revision = try reader.integer()
    face = try reader.integer()
    isRetracted = try reader.flag()
  }
}
