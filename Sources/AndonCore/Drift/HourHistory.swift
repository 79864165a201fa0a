/// The closed hours of one key in memory, oldest first: for a detector without a store.
public struct HourHistory: Sendable, Hashable {
  public private(set) var hours: [HourSum] = []

  public init() {}

  /// Appends a closed hour, which must be later than the last one.
  public mutating func append(_ hour: HourSum) {
    precondition(hours.last.map { $0.hour < hour.hour } ?? true, "hours close in event time")
    hours.append(hour)
  }

  /// The hours of the half-open range that have samples. O(log n + found).
  public func between(_ range: Range<Int64>) -> [HourSum] {
    let first = hours.lowerBound { $0.hour < range.lowerBound }
    return Array(hours[first...].prefix { $0.hour < range.upperBound })
  }
}
