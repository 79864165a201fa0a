extension Window {
  /// A shift of one date, as `andon calendar --json` and the API give it.
  package static let shiftPayload = PayloadTable<(window: Window, line: String?)>(
    "A shift of one date.",
    [
      .required("shift_id", .identifier("The shift")) { $0.window.shiftID ?? "" },
      .required("start_ms", .instant("The first instant")) { $0.window.startMs },
      .required("end_ms", .instant("The first instant no longer in it")) { $0.window.endMs },
      .required("planned_s", .decimal("Its length less its breaks", digits: 3)) { $0.window.plannedMs },
      .required("breaks", .array(of: .object(pausePayload))) { $0.window.breaks },
      .optional("line_id", .identifier("The line, when it was asked for")) { $0.line },
    ])

  private static let pausePayload = PayloadTable<Range<Int64>>(
    "A break.",
    [
      .required("start_ms", .instant("The first instant")) { $0.lowerBound },
      .required("end_ms", .instant("The first instant no longer in it")) { $0.upperBound },
    ])

  /// How much of it is planned, milliseconds; 0 for a site without shifts.
  public var plannedMs: Int64 { planned?.durationMs(in: startMs..<endMs) ?? 0 }

  /// - Parameter line: The line that it is a shift of; nil: of the site.
  public func shiftJSON(line: String? = nil) -> [UInt8] {
    Self.shiftPayload.json((self, line), capacity: 256)
  }
}
