/// What the calendar says of one instant: the shift, the next one, and why there may be none.
public struct CalendarState: Sendable, Hashable {
  /// The shift that contains the instant.
  public var shift: Window?
  public var isInBreak: Bool
  /// The first shift that begins later.
  public var next: Window?
  /// Why no shift begins on the local date; nil while a shift runs, and when nothing was closed.
  public var closure: ClosedPeriod?

  public init(_ calendar: SiteCalendar, atMs ms: Int64) {
    shift = calendar.window(.shift, containing: ms)
    isInBreak = shift?.breaks.contains { $0.contains(ms) } ?? false
    next = calendar.shift(beginningAfter: ms)
    closure = shift == nil ? calendar.closure(at: ms) : nil
  }

  /// The object of the topic `meta/calendar`.
  public var json: [UInt8] { Self.payload.json(self, capacity: 256) }

  package static let payload = PayloadTable<CalendarState>(
    "The shift of now and the next one.",
    [
      .optional("shift_id", .identifier("The shift of now; absent when there is none")) { $0.shift?.shiftID },
      .optional("shift_start_ms", .instant("When it began")) { $0.shift?.startMs },
      .optional("shift_end_ms", .instant("When it ends")) { $0.shift?.endMs },
      .required("in_break", .flag("Now is in a break of it")) { $0.isInBreak },
      .optional("next_shift_id", .identifier("The first shift that begins later")) { $0.next?.shiftID },
      .optional("next_shift_start_ms", .instant("When that begins")) { $0.next?.startMs },
      .required("closed", .flag("No shift is now, and none begins today because the date is closed")) {
        $0.closure != nil
      },
      .optional("closed_reason", .text("Why, if a reason was given")) {
        $0.closure.flatMap { $0.reason.isEmpty ? nil : $0.reason }
      },
    ])
}
