/// Why a site has its state, for a page in any language.
package enum StateReason: String, Sendable, CaseIterable {
  /// There is no connection to its broker.
  case broker
  /// Its bridge is offline.
  case bridge
  /// Its bridge holds it; the detail says why.
  case held
  /// It published nothing for a long time.
  case silent
  /// It is known, and no figures of it ever came.
  case noFigures = "no_figures"
  case alerts
  /// Its figures are older than `overview.stale_after`, or it calls them so itself.
  case old
  /// The coverage of its cameras is low.
  case coverage
  /// There are no data in the window.
  case noData = "no_data"
  /// Its open alerts are not all known here.
  case alertsMissing = "alerts_missing"
  /// It is behind its target.
  case target
  case none
}
