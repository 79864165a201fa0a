/// Which report: of a line or the site, and of the shift that begins then.
package struct ReportKey: Sendable, Hashable {
  /// `line` or `site`.
  package var scope: KPIScope
  package var id: String
  /// Epoch milliseconds.
  package var startMs: Int64

  package init(_ scope: KPIScope, _ id: String, startMs: Int64) {
    (self.scope, self.id, self.startMs) = (scope, id, startMs)
  }
}
