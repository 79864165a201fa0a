package import Logging

/// The format of log lines: JSON objects for machines, readable lines for a terminal.
package enum LogFormat: String, Sendable, CaseIterable {
  case json, text

  package func handler(level: Logger.Level) -> @Sendable (String) -> any LogHandler {
    handler(LogThreshold(level))
  }

  package func handler(_ threshold: LogThreshold) -> @Sendable (String) -> any LogHandler {
    switch self {
    case .json: { JSONLogHandler(label: $0, threshold: threshold) }
    case .text: { TextLogHandler(label: $0, threshold: threshold) }
    }
  }
}
