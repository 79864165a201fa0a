import Synchronization

/// The site's open store, for readers on other threads; nil until the ingest loop has opened it.
package final class StoreReference: Sendable {
  private let held = Mutex<SiteStore?>(nil)

  package init() {}

  package var store: SiteStore? {
    get { held.withLock { $0 } }
    set { held.withLock { $0 = newValue } }
  }
}
