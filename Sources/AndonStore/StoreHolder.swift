import Synchronization

/// The site's open store, for the readers beside the lane; nil until the lane could open it.
package final class StoreHolder: Sendable {
  private let held = Mutex<SiteStore?>(nil)

  package init() {}

  package var store: SiteStore? {
    get { held.withLock { $0 } }
    set { held.withLock { $0 = newValue } }
  }
}
