/// A row of the journal of alarms. A chattering alarm changes its newest row: the row with the greatest `count` holds.
package struct ShippedAlarm: Sendable, Hashable {
  package var number: Int64
  package var alertID: String
  package var occurrenceID: String
  package var revision: Int64
  package var event: String
  package var isPage: Bool
  package var atMs: Int64
  package var notedMs: Int64
  /// When the row was made. A row of a chattering alarm is noted again; with the number this is what it is known by, also
  /// after an older copy of the file was put back and gave numbers again.
  package var firstMs: Int64
  package var count: Int64
  /// The payload of the `alert` topic, without the names of people.
  package var record: String

  package init(
    number: Int64, alertID: String, occurrenceID: String, revision: Int64, event: String, isPage: Bool,
    atMs: Int64, notedMs: Int64, firstMs: Int64, count: Int64, record: String
  ) {
    (self.number, self.alertID, self.occurrenceID, self.revision) = (number, alertID, occurrenceID, revision)
    (self.event, self.isPage, self.atMs, self.notedMs) = (event, isPage, atMs, notedMs)
    (self.firstMs, self.count, self.record) = (firstMs, count, record)
  }
}

extension ShippedAlarm {
  func append(to writer: inout ShipBodyBuffer) {
    writer.append(number)
    for text in [alertID, occurrenceID, event] { writer.append(name: text) }
    writer.append(revision)
    writer.append(unsigned: isPage ? 1 : 0)
    for time in [atMs, notedMs, firstMs] { writer.append(timeMs: time) }
    writer.append(count)
    writer.append(text: record)
  }

  init(_ reader: inout ShipBodyReader) throws(ShipBodyError) {
    number = try reader.integer()
    alertID = try reader.name()
    occurrenceID = try reader.name()
    event = try reader.name()
    revision = try reader.integer()
    isPage = try reader.flag()
    atMs = try reader.timeMs()
    notedMs = try reader.timeMs()
    firstMs = try reader.timeMs()
    count = try reader.integer()
    record = try reader.text()
  }
}
