/// Dates, first and last inclusive, on which no shift begins.
public struct ClosedPeriod: Sendable, Hashable {
  public var dates: ClosedRange<LocalDate>
  /// For people, e.g. the name of a holiday; empty when none was given.
  public var reason: String

  public init(_ dates: ClosedRange<LocalDate>, reason: String = "") {
    self.dates = dates
    self.reason = reason
  }
}
