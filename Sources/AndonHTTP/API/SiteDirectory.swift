package import AndonConfiguration
package import AndonIngest
import Synchronization

/// The running sites by id. A reload replaces all entries at once.
package final class SiteDirectory: Sendable {
  package struct RunningSite: Sendable {
    package var settings: SiteSettings
    package var requests: SiteCommandQueue
    package var httpQueue: HTTPIngestQueue
    package var reader: SiteReader
    package var accessLog: AccessLog

    package init(
      settings: SiteSettings, requests: SiteCommandQueue, httpQueue: HTTPIngestQueue, reader: SiteReader,
      accessLog: AccessLog
    ) {
      self.settings = settings
      self.requests = requests
      self.httpQueue = httpQueue
      self.reader = reader
      self.accessLog = accessLog
    }
  }

  private struct State {
    /// In the order of the configuration.
    var order: [String] = []
    var entries: [String: RunningSite] = [:]
  }

  private let state = Mutex(State())

  package init() {}

  package subscript(id: String) -> RunningSite? { state.withLock { $0.entries[id] } }

  /// In the order of the configuration.
  package var all: [RunningSite] { state.withLock { state in state.order.compactMap { state.entries[$0] } } }

  package func set(_ entries: [RunningSite]) {
    state.withLock { state in
      state.order = entries.map(\.settings.id)
      state.entries = Dictionary(uniqueKeysWithValues: entries.map { ($0.settings.id, $0) })
    }
  }
}
