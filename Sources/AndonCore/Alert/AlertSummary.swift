/// How many alerts of a site are in which state, for one lamp on a panel.
public struct AlertSummary: Sendable {
  private let siteID: String
  private let nowMs: Int64
  private let active: Int
  private let pending: Int

  public init(siteID: String, nowMs: Int64, records: [AlertRecord]) {
    self.siteID = siteID
    self.nowMs = nowMs
    active = records.count { $0.isActive }
    pending = records.count { $0.state == .pending }
  }

  /// The flat object of the `alert_summary` topic.
  public func json() -> [UInt8] {
    var writer = JSONWriter()
    writer.field("timestamp_ms", nowMs)
    writer.field("ts", CivilTime.text(epochMs: nowMs))
    writer.field("site_id", siteID)
    writer.field("active", active)
    writer.field("unacked", active)
    writer.field("pending", pending)
    writer.field("shelved", 0)
    writer.field("highest_severity", active > 0 ? 600 : 0)
    writer.field("highest_priority", active > 0 ? "medium" : "none")
    return writer.end()
  }
}
