import Logging
import TestSupport
import Testing

@testable import AndonRuntime

@Suite(.ownThread) struct LogThresholdTests {
  @Test func anotherLevelHoldsForAWhileAndGoesBackByItself() async throws {
    let threshold = LogThreshold(.info)
    #expect(threshold.level == .info)
    threshold.set(.debug, for: .seconds(60))
    #expect(threshold.level == .debug)
    threshold.set(.trace, for: .zero)
    #expect(threshold.level == .info)
    threshold.set(.error, for: .seconds(60))
    threshold.set(.info, for: .seconds(60))
    #expect(threshold.level == .info)
  }

  /// Existing loggers follow the level; a logger with its own level does not.
  @Test(arguments: LogFormat.allCases) func everyLoggerFollows(format: LogFormat) {
    let threshold = LogThreshold(.info)
    let handler = format.handler(threshold)
    let plain = Logger(label: "a", factory: handler)
    var quiet = plain
    quiet.logLevel = .warning
    threshold.set(.debug, for: .seconds(60))
    #expect(plain.logLevel == .debug && quiet.logLevel == .warning)
  }
}
