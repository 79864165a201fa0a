import AndonRuntime
public import ArgumentParser
public import Logging

/// `--log-format FORMAT --log-level LEVEL`: for commands that run until a signal.
struct LogOptions: ParsableArguments {
  @Option(name: .long, help: "json or text; text on a terminal, json elsewhere unless given.")
  var logFormat: LogFormat?

  @Option(name: .long, help: "trace, debug, info, notice, warning, error or critical.")
  var logLevel: Logger.Level = .info

  /// Begins logging; once a process. The level can be changed later.
  func start() -> (logger: Logger, threshold: LogThreshold) {
    let threshold = LogThreshold(logLevel)
    LoggingSystem.bootstrap((logFormat ?? (Output.isErrorTerminal ? .text : .json)).handler(threshold))
    return (Logger(label: "andon"), threshold)
  }
}

extension LogFormat: ExpressibleByArgument {}
extension Logger.Level: @retroactive ExpressibleByArgument {}
