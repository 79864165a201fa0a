/// What people changed by command in the calendar and in the targets of a site: with the configuration, all that figures
/// depend on beside the events.
public struct PlanChanges: Sendable, Hashable {
  public var calendar: [CalendarChange]
  public var targets: [TargetChange]

  public init(calendar: [CalendarChange] = [], targets: [TargetChange] = []) {
    (self.calendar, self.targets) = (calendar, targets)
  }
}
