/// What a file knows of a position that a server reports.
package enum ShipKnowledge: Sendable, Hashable {
  /// It is of this file's history, and what follows it is in the log.
  case known
  /// Another history, or a part of this one that is no longer in the log: `SiteStore.renumberLog` continues from there.
  case unknown
}
