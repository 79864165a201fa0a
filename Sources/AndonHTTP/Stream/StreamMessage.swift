/// One server-sent event, encoded once for all clients.
struct StreamMessage: Sendable {
  enum Kind: String, Sendable, CaseIterable {
    case kpi, alert, event, status
    /// Of the overview: a site's tile, and a site that is gone.
    case site, gone

    /// Those of a bridge.
    static let ofBridge: [Kind] = [.kpi, .alert, .event, .status]
  }

  var number: UInt64
  var kind: Kind
  var siteID: String
  /// For a KPI: `site`, `workstation` or `worker`.
  var scope = ""
  var window = ""
  /// The whole frame, with the empty line at its end.
  var frame: [UInt8]
}
