import AndonCore
package import AndonStore

/// Checks the clock against a site's events before their age is computed from it.
package enum RetentionDoubt {
  /// This many of the newest events are ignored, regardless of their times.
  package static let disregardedEvents = 99
  /// A clock further ahead of the events than this may be wrong, or the site has been idle.
  package static let aheadMs: Int64 = 7 * 86_400_000

  /// Why the clock is not believed; nil when it is, or when there are too few events to delete any.
  package static func words(_ store: SiteStore, nowMs: Int64) throws -> String? {
    guard let newestMs = try store.newestEventMs(besides: disregardedEvents), nowMs - aheadMs > newestMs
    else {
      return nil
    }
    return
      "the clock says \(CivilTime.text(epochMs: nowMs)), \((nowMs - newestMs) / 86_400_000) days after the "
      + "site's newest events, which end about \(CivilTime.text(epochMs: newestMs))"
  }
}
