/// What came of a command to a bridge.
package enum CommandOutcome: Sendable, Equatable {
  /// The bridge's own words.
  case answered(CommandAnswer)
  /// It was sent, and the bridge may still do it.
  case noAnswer
  /// There was no connection to the broker; nothing was sent.
  case notSent
  /// As many commands as `FleetCommands.limit` wait for their answers; nothing was sent.
  case busy
}
