/// What was made of an order at one workstation, line or site in a range.
package struct OrderSum: Sendable, Hashable {
  package var order: String
  package var subject: TargetSubject
  /// The last one that was named with the order.
  package var product: String?
  /// The first and last instant of the range at which the order was made.
  package var fromMs: Int64
  package var toMs: Int64
  package var units: Int64
  package var targetUnits: Int64

  package init(
    _ order: String, _ subject: TargetSubject, product: String?, fromMs: Int64, toMs: Int64, units: Int64,
    targetUnits: Int64
  ) {
    (self.order, self.subject, self.product) = (order, subject, product)
    (self.fromMs, self.toMs, self.units, self.targetUnits) = (fromMs, toMs, units, targetUnits)
  }

  /// Adds a later part of the same order.
  package mutating func add(_ later: OrderSum) {
    (product, toMs) = (later.product ?? product, later.toMs)
    (units, targetUnits) = (units + later.units, targetUnits + later.targetUnits)
  }

  package static let payload = PayloadTable<OrderSum>(
    "What was made of an order at one workstation, line or site.",
    [
      .required("order", .text("The order, as the target names it")) { $0.order },
      .optional("product", .text("The product, if one was named")) { $0.product },
      .required("scope", .word("Where")) { $0.subject.scope },
      .required("id", .identifier("The workstation, line or site")) { $0.subject.id },
      .required("from_ms", .instant("When its first part in the range begins")) { $0.fromMs },
      .required("to_ms", .instant("When its last part so far ends")) { $0.toMs },
      .required("units", .count("Units made while it was set")) { $0.units },
      .required("target_units", .count("Units to be made in that time")) { $0.targetUnits },
      .required("gap_units", .integer("units - target_units")) { $0.units - $0.targetUnits },
    ])

  package var json: [UInt8] { Self.payload.json(self, capacity: 224) }
}
