package import Logging

/// How log lines look: JSON objects for machines, one readable line on a terminal.
package enum LogFormat: String, Sendable, CaseIterable {
  case json, text

  package func handler(level: Logger.Level) -> @Sendable (String) -> any LogHandler {
    switch self {
    case .json: { JSONLogHandler(label: $0, logLevel: level) }
    case .text: { TextLogHandler(label: $0, logLevel: level) }
    }
  }
}
