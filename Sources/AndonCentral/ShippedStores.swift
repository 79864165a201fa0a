package import AndonConfiguration
package import AndonStore
import Synchronization

/// The sites of a bridge whose logs are shipped: those that run now. A reload adds and removes some.
package final class ShippedStores: Sendable {
  private let entries = Mutex<[String: (settings: SiteSettings, reference: StoreReference)]>([:])

  package init() {}

  package func add(_ site: SiteSettings, _ reference: StoreReference) {
    entries.withLock { $0[site.id] = (site, reference) }
  }

  package func remove(_ site: SiteSettings) {
    entries.withLock { $0[site.id] = nil }
  }

  /// Those of one of several shippers whose files are open, by id.
  package func open(share: Int, of shares: Int) -> [(SiteSettings, SiteStore)] {
    entries.withLock { entries in
      entries.values.compactMap { entry in
        guard Self.share(entry.settings.id, shares) == share, let store = entry.reference.store else {
          return nil
        }
        return (entry.settings, store)
      }
    }.sorted { $0.0.id < $1.0.id }
  }

  /// How old an event of any of these sites may be when it comes, milliseconds; nil without a site.
  package var oldestAgeMs: Int64? { entries.withLock { $0.values.map { $0.settings.ingest.maxAgeMs }.max() } }

  /// The same in every run, so that a site keeps its connection.
  package static func share(_ id: String, _ shares: Int) -> Int {
    Int(id.utf8.reduce(UInt64(5381)) { ($0 &* 33) ^ UInt64($1) } % UInt64(max(1, shares)))
  }
}
