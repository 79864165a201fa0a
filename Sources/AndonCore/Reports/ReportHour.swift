/// An hour of a shift: the part of an hour of the wall clock that lies in it.
package struct ReportHour: Sendable, Hashable {
  package var startMs: Int64
  package var endMs: Int64
  package var units: Int64
  /// Nil without a target.
  package var targetUnits: Int64?
  /// The sum of the gaps until its end; nil without a target.
  package var totalGapUnits: Int64?
  /// The stop that took most of its planned time, and how much; nil when there was none.
  package var largest: StopRecord?
  package var largestMs: Int64

  package init(
    startMs: Int64, endMs: Int64, units: Int64, targetUnits: Int64?, totalGapUnits: Int64?,
    largest: StopRecord? = nil, largestMs: Int64 = 0
  ) {
    (self.startMs, self.endMs, self.units) = (startMs, endMs, units)
    (self.targetUnits, self.totalGapUnits) = (targetUnits, totalGapUnits)
    (self.largest, self.largestMs) = (largest, largestMs)
  }

  package static let payload = PayloadTable<ReportHour>(
    "An hour of a shift.",
    [
      .required("start_ms", .instant("The first instant")) { $0.startMs },
      .required("end_ms", .instant("The first instant no longer in it")) { $0.endMs },
      .required("units", .count("Units made")) { $0.units },
      .optional("target_units", .count("Units to be made")) { $0.targetUnits },
      .optional("gap_units", .integer("units - target_units")) { hour in
        hour.targetUnits.map { hour.units - $0 }
      },
      .optional("total_gap_units", .integer("The sum of the gaps from the beginning of the shift on")) {
        $0.totalGapUnits
      },
      .optional("workstation_id", .identifier("Where the largest stop was")) {
        $0.largest?.stop.workstationID
      },
      .optional("stop_id", .text("That stop")) { $0.largest?.stop.id },
      .optional("stop_s", .decimal("Its planned time in the hour", digits: 3)) {
        $0.largest == nil ? nil : $0.largestMs
      },
      .optional("reason", .identifier("Its reason")) { $0.largest?.reason?.id },
      .optional("reason_name", .text("The reason for people")) { $0.largest?.reason?.name },
    ])

  package var json: [UInt8] { Self.payload.json(self, capacity: 256) }
}
