import AndonConfiguration
import AndonCore
import AndonRuntime
import ArgumentParser

/// A point in time on the command line.
///
/// `2026-11-30T06:00:00+01:00` and epoch milliseconds are instants by themselves. `2026-11-30 06:00`, `2026-11-30`,
/// `06:00` (of today), `today` and `yesterday` are readings of the site's clock, `now`, `-2h` and `-30m` count back from
/// the present.
struct PointInTime: ExpressibleByArgument, Equatable {
  static let forms = "e.g. -2h, yesterday, '2026-11-30 06:00' (the site's clock), RFC 3339 or epoch ms"

  private enum Form: Equatable {
    case instant(Int64)
    case ago(Int64)
    /// Midnight of a day before today.
    case day(back: Int64)
    /// A reading of the wall clock, as if it were epoch milliseconds.
    case local(Int64)
    /// Since midnight of today.
    case today(Int64)
  }

  private let form: Form

  init?(argument: String) {
    if let form = Self.word(argument) ?? Self.length(argument) ?? Self.clock(argument).map(Form.today)
      ?? Self.local(argument)
    {
      self.form = form
    } else if let number = Int64(argument), number >= 0 {
      form = .instant(number)
    } else if let ms = try? Timestamp.parse(Array(argument.utf8).span, assumeUTC: false) {
      form = .instant(ms)
    } else {
      return nil
    }
  }

  private static func word(_ text: String) -> Form? {
    switch text {
    case "now": .ago(0)
    case "today": .day(back: 0)
    case "yesterday": .day(back: 1)
    default: nil
    }
  }

  /// `-2h`
  private static func length(_ text: String) -> Form? {
    guard text.hasPrefix("-") else { return nil }
    return LengthOfTime(argument: String(text.dropFirst())).map { .ago($0.milliseconds) }
  }

  /// `2026-11-30`, with `06:00` or `06:00:30` after a space or a `T`.
  private static func local(_ text: String) -> Form? {
    guard let date = LocalDate(text.prefix(10)) else { return nil }
    let midnight = date.dayNumber * CivilTime.millisecondsPerDay
    let rest = text.dropFirst(10)
    if rest.isEmpty { return .local(midnight) }
    guard rest.first == " " || rest.first == "T", let time = clock(String(rest.dropFirst())) else {
      return nil
    }
    return .local(midnight + time)
  }

  /// `06:00` or `06:00:30` since midnight, milliseconds.
  private static func clock(_ text: String) -> Int64? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2 || parts.count == 3, parts.allSatisfy({ $0.count == 2 }) else { return nil }
    let numbers = parts.compactMap { UInt8($0) }
    guard numbers.count == parts.count, numbers[0] < 24, numbers.dropFirst().allSatisfy({ $0 < 60 }) else {
      return nil
    }
    return numbers.reduce(0) { $0 * 60 + Int64($1) } * (parts.count == 2 ? 60_000 : 1000)
  }

  /// - Parameter site: whose clock a local reading is of.
  func epochMs(at site: SiteSettings, nowMs: Int64 = WallClock.system.nowMs) -> Int64 {
    epochMs(in: site.zone, nowMs: nowMs)
  }

  /// A reading that a clock change skips is the instant of the change; one that occurs twice is the first.
  func epochMs(in zone: ZoneOffsets, nowMs: Int64) -> Int64 {
    let day = CivilTime.millisecondsPerDay
    let today = zone.localMs(at: nowMs).flooredDivision(by: day) * day
    return switch form {
    case .instant(let ms): ms
    case .ago(let ms): nowMs - ms
    case .day(let back): zone.instantMs(local: today - back * day)
    case .local(let ms): zone.instantMs(local: ms)
    case .today(let ms): zone.instantMs(local: today + ms)
    }
  }

  /// The instant, or now.
  static func orNow(_ instant: PointInTime?, at site: SiteSettings) -> Int64 {
    let nowMs = WallClock.system.nowMs
    return instant?.epochMs(at: site, nowMs: nowMs) ?? nowMs
  }

  /// A half-open range, by one reading of the system's clock.
  ///
  /// - Throws: `ValidationError` when it is empty.
  static func range(_ from: PointInTime?, _ to: PointInTime?, at site: SiteSettings) throws -> (
    fromMs: Int64?, toMs: Int64?
  ) {
    let nowMs = WallClock.system.nowMs
    let (fromMs, toMs) = (
      from?.epochMs(at: site, nowMs: nowMs), to?.epochMs(at: site, nowMs: nowMs)
    )
    guard fromMs ?? .min < toMs ?? .max else { throw ValidationError("--from must lie before --to") }
    return (fromMs, toMs)
  }
}
