/// An hour of a shift: the part of an hour of the wall clock that lies in it.
package struct ReportHour: Sendable, Hashable {
  package var startMs: Int64
  package var endMs: Int64
  /// Nil when they must not be shown.
  package var units: Int64?
  /// The units are of too few workers.
  package var isWithheld = false
  /// Nil without a target.
  package var targetUnits: Int64?
  /// The sum of the gaps until its end; nil without a target.
  package var totalGapUnits: Int64?
  /// The stop that took most of its planned time, and how much; nil when there was none.
  package var largest: StopRecord?
  package var largestMs: Int64

  package init(
    startMs: Int64, endMs: Int64, units: Int64?, targetUnits: Int64?, totalGapUnits: Int64?,
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
      .optional("units", .count("Units made; left out when they are withheld")) { $0.units },
      .optional("withheld", .flag("True: the units are left out, as they are of too few workers")) {
        $0.isWithheld ? true : nil
      },
      .optional("target_units", .count("Units to be made")) { $0.targetUnits },
      .optional("gap_units", .integer("units - target_units")) { $0.gapUnits },
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

  /// Nil without a target.
  package var gapUnits: Int64? {
    units.flatMap { units in targetUnits.map { units - $0 } }
  }

  package var json: [UInt8] { Self.payload.json(self, capacity: 256) }
}
