package import AndonConfiguration

/// One thing that a caller of the HTTP listener may see or do.
package enum Capability: String, CaseIterable, Sendable {
  /// Sees stations, lines, areas and sites: figures, calendar, alarms, state.
  case figures
  /// Sees single workers: figures, events, names.
  case workers
  /// Sees the confidence of cameras and models.
  case models
  /// Sees the state of each camera.
  case cameras
  /// Sees rejected events, which may hold workers' ids.
  case quarantine
  /// Sees the bridge's own metrics and errors.
  case bridge
  /// Sees who looked at workers' figures and events.
  case accessLog
  /// Acknowledges, shelves and unshelves alarms.
  case acknowledge
  /// Takes cameras out of service and puts them back.
  case service
  /// Closes dates and opens shifts.
  case calendar
  /// Says why workstations stood.
  case reasons
  /// Judges rejected events again.
  case replay
  /// Sets the log level.
  case logLevel
  /// Posts events.
  case post
  /// Deletes rejected events.
  case purge
  /// Erases workers.
  case erase

  /// Whether it changes something. What only shows something may be open without a token on a loopback listener.
  package var isWriting: Bool {
    switch self {
    case .figures, .workers, .models, .cameras, .quarantine, .bridge, .accessLog: false
    case .acknowledge, .service, .calendar, .reasons, .replay, .logLevel, .post, .purge, .erase: true
    }
  }
}

extension Role {
  /// What the role may see and do. An operator keeps the bridge and does not lead people: workers' figures are for
  /// leads and admins.
  package var capabilities: Set<Capability> {
    switch self {
    case .viewer: [.figures]
    case .lead: Role.viewer.capabilities.union([.workers, .reasons])
    case .maintainer: Role.viewer.capabilities.union([.models, .cameras, .acknowledge, .service])
    case .operator:
      Role.maintainer.capabilities.union([
        .quarantine, .bridge, .replay, .calendar, .reasons, .logLevel, .post,
      ])
    case .admin: Set(Capability.allCases)
    }
  }
}
