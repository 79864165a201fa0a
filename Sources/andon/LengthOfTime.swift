import ArgumentParser

/// A length of time on the command line: a whole number with a unit, `250ms`, `30s`, `10m`, `8h` or `2d`.
struct LengthOfTime: ExpressibleByArgument {
  let milliseconds: Int64

  init(milliseconds: Int64) { self.milliseconds = milliseconds }

  init?(argument: String) {
    let units: [(String, Int64)] = [
      ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]
    for (suffix, factor) in units where argument.hasSuffix(suffix) {
      guard let number = Int64(argument.dropLast(suffix.count)), number > 0,
        number <= 366 * 86_400_000 / factor
      else { continue }
      milliseconds = number * factor
      return
    }
    return nil
  }

  var defaultValueDescription: String { "\(milliseconds / 3_600_000)h" }
}
