import Synchronization

/// The site's open store, for the readers beside the ingestLoop; nil until the ingestLoop could open it.
package final class StoreReference: Sendable {
  private let held = Mutex<SiteStore?>(nil)

  package init() {}

  package var store: SiteStore? {
    get { held.withLock { $0 } }
    set { held.withLock { $0 = newValue } }
  }
}
