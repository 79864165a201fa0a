package import AndonConfiguration
package import AndonOverview

/// What the endpoints of `andon overview` use: the fleet in memory, the way to the bridges, and the history.
package struct FleetServices: Sendable {
  package let settings: OverviewSettings
  package let board: FleetBoard
  package let commands: FleetCommands
  /// Nil without a central database.
  package let history: (any FleetHistory)?

  package init(
    settings: OverviewSettings, board: FleetBoard, commands: FleetCommands, history: (any FleetHistory)?
  ) {
    self.settings = settings
    self.board = board
    self.commands = commands
    self.history = history
  }

  /// Brokers that are not followed completely, one line each.
  var whyNotReady: [String] {
    board.withFleet { $0.brokers }.filter { !$0.isConnected || !$0.isComplete }.map { broker in
      broker.isConnected
        ? "\(broker.name): what it keeps is being read"
        : "\(broker.name): \(broker.trouble ?? "not connected yet")"
    }
  }
}
