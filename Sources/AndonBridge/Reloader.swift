import AndonAccess
import AndonConfiguration
import AndonCore
import AndonRuntime
import AndonStatus
import Logging
import Synchronization

/// Reads the configuration again and applies it to the running sites. All or nothing: with any error in it,
/// nothing changes.
final class Reloader: Sendable {
  private let load: @Sendable () throws -> Settings
  private let sites: SiteSupervisor
  private let users: UserDirectory?
  private let board: StatusBoard
  private let clock: WallClock
  private let logger: Logger
  /// The configuration in force: the bridge's keys as of the start, the sites as of the last successful
  /// reload.
  private let current: Mutex<Settings>

  init(
    settings: Settings, load: @escaping @Sendable () throws -> Settings, sites: SiteSupervisor,
    users: UserDirectory?, board: StatusBoard,
    clock: WallClock, logger: Logger
  ) {
    current = Mutex(settings)
    self.load = load
    self.sites = sites
    self.users = users
    self.board = board
    self.clock = clock
    self.logger = logger
  }

  /// Call it once at a time. Returns after the changed sites have stopped.
  func reload() async {
    let old = current.withLock { $0 }
    do {
      let new = try load()
      // The users file is the one of the start, as all keys of the listener are.
      try users?.reload()
      let change = SettingsChange(from: old, to: new)
      if !change.isEmpty { try await sites.apply(change, sites: new.sites) }
      current.withLock { $0.sites = new.sites }
      log(change)
    } catch {
      let words = "\(error)"
      board.updateConfig { config in
        config.failedReloads += 1
        config.error = words
      }
      logger.error("configuration not taken over, nothing changed", metadata: ["error": "\(words)"])
    }
  }

  private func log(_ change: SettingsChange) {
    let nowMs = clock.nowMs
    board.updateConfig { config in
      config.loadedAtMs = nowMs
      config.reloads += 1
      config.error = nil
      config.needsRestart = change.needsRestart
    }
    var details: Logger.Metadata = [
      "added": "\(Self.list(change.added.map(\.id)))", "removed": "\(Self.list(change.removed))",
      "changed": "\(Self.list(change.changed.map(\.id)))",
    ]
    if !change.needsRestart.isEmpty { details["needs_restart"] = "\(Self.list(change.needsRestart))" }
    logger.log(
      level: change.needsRestart.isEmpty ? .info : .warning,
      change.needsRestart.isEmpty
        ? "configuration read again" : "configuration read again; some of it needs a restart",
      metadata: details)
    for id in change.removed {
      logger.info(
        "site removed; the broker keeps its session until broker.session_expiry", metadata: ["site": "\(id)"])
    }
  }

  private static func list(_ words: [String]) -> String {
    words.isEmpty ? "none" : words.joined(separator: ",")
  }
}
