import AndonCore
import AndonRuntime
import ArgumentParser

/// A point in time on the command line: RFC 3339 with an offset, or epoch milliseconds.
struct PointInTime: ExpressibleByArgument {
  let epochMs: Int64

  init?(argument: String) {
    if let number = Int64(argument) {
      epochMs = number
      return
    }
    guard let parsed = try? Timestamp.parse(Array(argument.utf8).span, assumeUTC: false) else { return nil }
    epochMs = parsed
  }

  /// The instant, or now.
  static func orNow(_ instant: PointInTime?) -> Int64 { instant?.epochMs ?? WallClock.system.nowMs }
}
