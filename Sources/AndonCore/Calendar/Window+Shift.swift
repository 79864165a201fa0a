extension Window {
  /// A shift of one date, as `andon calendar --json` and the API give it.
  package static let shiftPayload = PayloadTable<Window>(
    "A shift of one date.",
    [
      .required("shift_id", .identifier("The shift")) { $0.shiftID ?? "" },
      .required("start_ms", .instant("The first instant")) { $0.startMs },
      .required("end_ms", .instant("The first instant no longer in it")) { $0.endMs },
      .required("planned_s", .decimal("Its length less its breaks", digits: 3)) { $0.plannedMs },
      .required("breaks", .array(of: .object(pausePayload))) { $0.breaks },
    ])

  private static let pausePayload = PayloadTable<Range<Int64>>(
    "A break.",
    [
      .required("start_ms", .instant("The first instant")) { $0.lowerBound },
      .required("end_ms", .instant("The first instant no longer in it")) { $0.upperBound },
    ])

  /// How much of it is planned, milliseconds; 0 for a site without shifts.
  public var plannedMs: Int64 { planned?.durationMs(in: startMs..<endMs) ?? 0 }

  public var shiftJSON: [UInt8] { Self.shiftPayload.json(self, capacity: 256) }
}
