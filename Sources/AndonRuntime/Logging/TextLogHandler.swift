import AndonCore
import Logging

/// One readable line: time of day in UTC, level, message, details. Control characters are escaped.
struct TextLogHandler: LogHandler {
  let label: String
  private let threshold: LogThreshold
  /// A logger with a level of its own keeps it.
  private var own: Logger.Level?
  var metadata: Logger.Metadata = [:]

  init(label: String, threshold: LogThreshold) {
    self.label = label
    self.threshold = threshold
  }

  var logLevel: Logger.Level {
    get { own ?? threshold.level }
    set { own = newValue }
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let time = CivilTime.text(epochMs: WallClock.system.nowMs).dropFirst(11)
    var line = "\(time) \(event.level.rawValue.uppercased()) \(event.message)"
    let all = metadata.merging(event.metadata ?? [:]) { $1 }
    for (key, value) in all.sorted(by: { $0.key < $1.key }) { line += " \(key)=\(value)" }
    let clean = line.unicodeScalars.reduce(into: "") { text, scalar in
      text += scalar.value < 0x20 || scalar.value == 0x7F ? scalar.escaped(asASCII: true) : String(scalar)
    }
    StandardError.write(line: Array(clean.utf8))
  }
}
