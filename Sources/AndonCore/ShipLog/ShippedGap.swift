/// A gap. A gap may be widened: the row with the wider times holds.
package struct ShippedGap: Sendable, Hashable {
  package var number: Int64
  package var cause: String
  /// Empty for the whole site.
  package var cameraID: String
  package var fromMs: Int64
  package var toMs: Int64
  package var notedAtMs: Int64
  package var detail: String

  package init(
    number: Int64, cause: String, cameraID: String, fromMs: Int64, toMs: Int64, notedAtMs: Int64,
    detail: String
  ) {
    (self.number, self.cause, self.cameraID) = (number, cause, cameraID)
    (self.fromMs, self.toMs, self.notedAtMs, self.detail) = (fromMs, toMs, notedAtMs, detail)
  }
}

extension ShippedGap {
  func append(to writer: inout ShipBodyBuffer) {
    writer.append(number)
    for text in [cause, cameraID] { writer.append(name: text) }
    for time in [fromMs, toMs, notedAtMs] { writer.append(timeMs: time) }
    writer.append(text: detail)
  }

  init(_ reader: inout ShipBodyReader) throws(ShipBodyError) {
    number = try reader.integer()
    cause = try reader.name()
    cameraID = try reader.name()
    fromMs = try reader.timeMs()
    toMs = try reader.timeMs()
    notedAtMs = try reader.timeMs()
    detail = try reader.text()
  }
}
