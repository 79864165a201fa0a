/// Somebody asked that the rows of a site with times in `[fromMs, toMs)` are read from its tables once more.
package struct CentralRequest: Sendable, Hashable {
  package var siteID: String
  /// Epoch milliseconds.
  package var fromMs: Int64
  package var toMs: Int64

  package init(siteID: String, fromMs: Int64, toMs: Int64) {
    (self.siteID, self.fromMs, self.toMs) = (siteID, fromMs, toMs)
  }
}
