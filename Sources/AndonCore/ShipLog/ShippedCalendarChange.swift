/// A row of the journal of commands on the calendar.
package struct ShippedCalendarChange: Sendable, Hashable {
  package var number: Int64
  package var atMs: Int64
  /// `close`, `open` or `clear`.
  package var action: String
  /// Days since 1970-01-01.
  package var fromDay: Int64
  package var toDay: Int64
  /// Empty for the site.
  package var line: String
  /// Shift ids with commas between.
  package var shifts: String
  package var reason: String

  package init(
    number: Int64, atMs: Int64, action: String, fromDay: Int64, toDay: Int64, line: String, shifts: String,
    reason: String
  ) {
    (self.number, self.atMs, self.action) = (number, atMs, action)
    (self.fromDay, self.toDay, self.line, self.shifts) = (fromDay, toDay, line, shifts)
    self.reason = reason
  }
}

extension ShippedCalendarChange {
  func append(to writer: inout ShipBodyBuffer) {
    for number in [number, fromDay, toDay] { writer.append(number) }
    writer.append(timeMs: atMs)
    for text in [action, line, shifts] { writer.append(name: text) }
    writer.append(text: reason)
  }

  init(_ reader: inout ShipBodyReader) throws(ShipBodyError) {
    number = try reader.integer()
    fromDay = try reader.integer()
    toDay = try reader.integer()
    atMs = try reader.timeMs()
    action = try reader.name()
    line = try reader.name()
    shifts = try reader.name()
    reason = try reader.text()
  }
}
