/// An alert that called for somebody in a shift, and how often.
package struct ReportAlert: Sendable, Hashable {
  package var alertID: String
  package var calls: Int64
  package var firstMs: Int64
  package var lastMs: Int64

  package init(alertID: String, calls: Int64, firstMs: Int64, lastMs: Int64) {
    (self.alertID, self.calls, self.firstMs, self.lastMs) = (alertID, calls, firstMs, lastMs)
  }

  package static let payload = PayloadTable<ReportAlert>(
    "An alert that called for somebody.",
    [
      .required("alert_id", .text("The alert")) { $0.alertID },
      .required("calls", .count("How often it called")) { $0.calls },
      .required("first_ms", .instant("The first call")) { $0.firstMs },
      .required("last_ms", .instant("The last call")) { $0.lastMs },
    ])
}
