import AndonCore
package import AndonStore

/// Whether a site's events bear out the clock, by which their age is told.
package enum RetentionDoubt {
  /// So many events, wherever their time lies, move nothing.
  package static let disregardedEvents = 99
  /// A clock that is further ahead of the events than that may be wrong, or the site has been still.
  package static let aheadMs: Int64 = 7 * 86_400_000

  /// Why the clock is not believed; nil when it is, and where there are too few events to delete any.
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
