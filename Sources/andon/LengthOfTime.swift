import ArgumentParser

/// A duration on the command line: a whole number with a unit, `250ms`, `30s`, `10m`, `8h` or `2d`.
struct LengthOfTime: ExpressibleByArgument {
  let milliseconds: Int64

  private static let units: [(String, Int64)] = [
    ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
  ]

  init(milliseconds: Int64) { self.milliseconds = milliseconds }

  init?(argument: String) {
    for (suffix, factor) in Self.units where argument.hasSuffix(suffix) {
      guard let number = Int64(argument.dropLast(suffix.count)), number > 0,
        number <= 366 * 86_400_000 / factor
      else { continue }
      milliseconds = number * factor
      return
    }
    return nil
  }

  /// In the largest unit that divides it, as on the command line.
  var defaultValueDescription: String {
    let unit = Self.units.last { milliseconds % $0.1 == 0 } ?? ("ms", 1)
    return "\(milliseconds / unit.1)\(unit.0)"
  }
}
