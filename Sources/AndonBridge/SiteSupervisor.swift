import AndonConfiguration
import AndonCore
import AndonHTTP
import AndonPublish
import AndonRuntime
import AndonStatus
import AndonStore
import ServiceLifecycle
import Synchronization

/// The sites of a bridge as one service. Sites are added, removed and changed while the others run.
final class SiteSupervisor: Service {
  let parts: SiteParts
  private let directory: SiteDirectory
  private let cache: ReplyCache
  /// In the order of the configuration.
  let units: Mutex<[SiteServices]>
  private let starts: AsyncStream<SiteServices>
  let start: AsyncStream<SiteServices>.Continuation

  init(parts: SiteParts, directory: SiteDirectory, cache: ReplyCache) throws {
    self.parts = parts
    self.directory = directory
    self.cache = cache
    let units = try parts.settings.sites.map { try SiteServices($0, parts) }
    self.units = Mutex(units)
    (starts, start) = AsyncStream.makeStream(of: SiteServices.self)
    publish(units)
    for unit in units { start.yield(unit) }
  }

  func run() async throws {
    let start = start
    try await withGracefulShutdownHandler {
      try await withThrowingDiscardingTaskGroup { group in
        for await unit in starts {
          group.addTask {
            try await unit.run()
            // An unexpected end: it is better to restart the process than to run without a site unnoticed.
            if !unit.isStopping, !Task.isShuttingDownGracefully { throw SiteEnded(siteID: unit.settings.id) }
          }
        }
      }
    } onGracefulShutdown: {
      start.finish()
    }
  }

  /// Changes the running sites to those of the settings. Unchanged sites are not affected.
  ///
  /// - Throws: before anything is changed, when a new site's file may not be written or its services cannot
  ///   be made.
  func apply(_ change: SettingsChange, sites: [SiteSettings]) async throws {
    for site in change.added {
      try SiteStore.checkBeforeStart(
        path: parts.settings.databasePath(site: site.id), siteID: site.id)
    }
    let fresh = try (change.added + change.changed).map { try SiteServices($0, parts) }
    let ending = Set(change.removed + change.changed.map(\.id))
    let old = units.withLock { $0 }
    let leaving = old.filter { ending.contains($0.settings.id) }
    // Nothing fails from here on: problems of a starting site show in its health.
    let staying = old.filter { !ending.contains($0.settings.id) } + fresh
    let byID = Dictionary(uniqueKeysWithValues: staying.map { ($0.settings.id, $0) })
    let ordered = sites.compactMap { byID[$0.id] }
    units.withLock { $0 = ordered }
    await withDiscardingTaskGroup { group in
      for unit in leaving { group.addTask { await unit.stop() } }
    }
    for id in change.removed {
      parts.board.remove(id)
      // A broker keeps retained topics for ever: otherwise panels keep showing the alarms of a removed site.
      parts.retired.retire(id)
    }
    for site in change.added { parts.board.add(site.id, nowMs: parts.clock.nowMs) }
    publish(ordered)
    for unit in fresh { start.yield(unit) }
  }

  func publish(_ units: [SiteServices]) {
    directory.set(
      units.map { unit in
        let path = parts.settings.databasePath(site: unit.settings.id)
        return SiteDirectory.RunningSite(
          settings: unit.settings, requests: unit.requests, httpQueue: unit.httpQueue,
          reader: directory[unit.settings.id]?.reader ?? SiteReader(siteID: unit.settings.id, path: path),
          accessLog: unit.accessLog)
      })
    cache.removeAll()
  }
}

/// A site's services ended without being stopped.
struct SiteEnded: Error, CustomStringConvertible {
  var siteID: String
  var description: String { "site \(siteID) ended by itself" }
}
