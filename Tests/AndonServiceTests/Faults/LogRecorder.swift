import Logging
import Synchronization

/// Records log entries with their metadata.
struct LogRecorder: LogHandler {
  private final class Lines: Sendable {
    let recorded = Mutex<[String]>([])
  }

  private let kept = Lines()
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.debug

  var lines: [String] { kept.recorded.withLock { $0 } }
  var text: String { lines.joined(separator: "\n") }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let details = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    kept.recorded.withLock {
      $0.append("\(event.level) \(event.message) \(details.joined(separator: " "))")
    }
  }
}
