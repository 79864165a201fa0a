import AndonCore
import Foundation
import Logging

/// One JSON object a line on standard error. Strings are escaped, so input cannot forge a line.
struct JSONLogHandler: LogHandler {
  let label: String
  private let threshold: LogThreshold
  /// A logger with a level of its own keeps it.
  private var own: Logger.Level?
  var metadata: Logger.Metadata = [:]

  var logLevel: Logger.Level {
    get { own ?? threshold.level }
    set { own = newValue }
  }

  init(label: String, threshold: LogThreshold) {
    self.label = label
    self.threshold = threshold
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var writer = JSONWriter(capacity: 256)
    writer.field("ts", CivilTime.text(epochMs: WallClock.system.nowMs))
    writer.field("level", event.level.rawValue)
    writer.field("logger", label)
    writer.field("message", "\(event.message)")
    let all = metadata.merging(event.metadata ?? [:]) { $1 }
    for (key, value) in all.sorted(by: { $0.key < $1.key }) { writer.field(key, "\(value)") }
    StandardError.write(line: writer.end())
  }
}
