import Synchronization

/// The sites that run now, for everyone who asks for one by its id. A reload changes it as a whole.
final class SiteDirectory: Sendable {
  struct Entry: Sendable {
    var settings: SiteSettings
    var requests: SiteMailbox
    var mailbox: IngestMailbox
    var reader: SiteReader
  }

  private struct State {
    /// As configured.
    var order: [String] = []
    var entries: [String: Entry] = [:]
  }

  private let state = Mutex(State())

  init() {}

  subscript(id: String) -> Entry? { state.withLock { $0.entries[id] } }

  /// In the order of the configuration.
  var all: [Entry] { state.withLock { state in state.order.compactMap { state.entries[$0] } } }

  func set(_ entries: [Entry]) {
    state.withLock { state in
      state.order = entries.map(\.settings.id)
      state.entries = Dictionary(uniqueKeysWithValues: entries.map { ($0.settings.id, $0) })
    }
  }
}
