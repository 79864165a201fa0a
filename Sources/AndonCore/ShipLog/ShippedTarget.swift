/// A row of the journal of commands on targets.
package struct ShippedTarget: Sendable, Hashable {
  package var number: Int64
  package var atMs: Int64
  package var scope: String
  package var subject: String
  package var fromMs: Int64
  /// Nil for one without end.
  package var untilMs: Int64?
  /// Nil for "as configured again".
  package var microUnitsPerHour: Int64?
  package var order: String
  package var product: String

  package init(
    number: Int64, atMs: Int64, scope: String, subject: String, fromMs: Int64, untilMs: Int64?,
    microUnitsPerHour: Int64?, order: String, product: String
  ) {
    (self.number, self.atMs, self.scope, self.subject) = (number, atMs, scope, subject)
    (self.fromMs, self.untilMs, self.microUnitsPerHour) = (fromMs, untilMs, microUnitsPerHour)
    (self.order, self.product) = (order, product)
  }
}

extension ShippedTarget {
  func append(to writer: inout ShipBodyBuffer) {
    writer.append(number)
    for text in [scope, subject, order, product] { writer.append(name: text) }
    for time in [atMs, fromMs] { writer.append(timeMs: time) }
    for number in [untilMs, microUnitsPerHour] { writer.append(optional: number) }
  }

  init(_ reader: inout ShipBodyReader) throws(ShipBodyError) {
    number = try reader.integer()
    scope = try reader.name()
    subject = try reader.name()
    order = try reader.name()
    product = try reader.name()
    atMs = try reader.timeMs()
    fromMs = try reader.timeMs()
    untilMs = try reader.optional()
    microUnitsPerHour = try reader.optional()
  }
}
