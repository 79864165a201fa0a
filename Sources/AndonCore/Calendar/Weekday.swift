/// A day of the week, by its name in the configuration.
public enum Weekday: String, Sendable, Hashable, CaseIterable {
  case mon, tue, wed, thu, fri, sat, sun

  /// Monday is 0.
  var number: Int { Self.allCases.firstIndex(of: self) ?? 0 }

  /// The day before.
  var previous: Weekday { Self.allCases[(number + 6) % 7] }
}
