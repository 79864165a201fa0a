/// A length of time in words, in the largest unit that divides it.
struct PrivacyLength {
  private static let unitsMs: [Int64] = [365 * 86_400_000, 86_400_000, 3_600_000, 60_000]
  private let ms: Int64

  init(_ ms: Int64) { self.ms = ms }

  /// - Parameter units: singular and plural of year, day, hour and minute. What no minute divides is rounded up to one.
  func text(units: [(one: String, many: String)]) -> String {
    let index = Self.unitsMs.firstIndex { ms > 0 && ms % $0 == 0 } ?? Self.unitsMs.count - 1
    let count = (ms + Self.unitsMs[index] - 1) / Self.unitsMs[index]
    return "\(count) \(count == 1 ? units[index].one : units[index].many)"
  }
}
