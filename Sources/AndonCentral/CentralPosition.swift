/// How far a site's log has come in the central database, and who holds the site.
package struct CentralPosition: Sendable, Equatable {
  package var siteID: String
  package var epoch: Int64
  package var seq: Int64
  /// The hash chain at `seq`.
  package var tip: Int64
  /// The newest event that the server has at `seq`, epoch milliseconds; nil: none.
  package var newestEventMs: Int64?
  /// After `take`: who held it before, or holds it; after `resume`: who holds it. Nil: no bridge.
  package var bridgeID: String?
  /// After `take`: whether it was taken; after `resume`: whether the epoch that was asked for is the current one.
  package var isMine = true
}
