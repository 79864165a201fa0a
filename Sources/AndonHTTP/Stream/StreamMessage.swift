/// One server-sent event, written once for all who want it.
struct StreamMessage: Sendable {
  enum Kind: String, Sendable, CaseIterable {
    case kpi, alert, event, status
  }

  var number: UInt64
  var kind: Kind
  var siteID: String
  /// Of a KPI: `site`, `workstation` or `worker`.
  var scope = ""
  var window = ""
  /// The whole frame with its empty line.
  var frame: [UInt8]
}
