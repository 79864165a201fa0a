/// How many alarms of a site are in which state, for one lamp on a panel.
public struct AlarmSummary: Sendable, Hashable {
  public let siteID: String
  /// The clock's time of the count.
  public let nowMs: Int64
  public let active: Int
  public let unacked: Int
  public let pending: Int
  public let shelved: Int
  public let highestSeverity: Int64

  /// One record per alarm; O(records). Only active alarms count for the highest severity.
  public init(siteID: String, nowMs: Int64, records: [AlarmRecord]) {
    self.siteID = siteID
    self.nowMs = nowMs
    active = records.count { $0.state.isActive }
    unacked = records.count { $0.state.isUnacked }
    pending = records.count { $0.state == .pending }
    shelved = records.count { $0.state == .shelved }
    highestSeverity = records.filter { $0.state.isActive }.map(\.machine.severity).max() ?? 0
  }

  /// The flat object of the `alert_summary` topic; with no active alarm the highest severity is 0 and the
  /// highest priority `none`.
  public func json() -> [UInt8] {
    var writer = JSONWriter()
    writer.field("timestamp_ms", nowMs)
    writer.field("ts", CivilTime.text(epochMs: nowMs))
    writer.field("site_id", siteID)
    writer.field("active", active)
    writer.field("unacked", unacked)
    writer.field("pending", pending)
    writer.field("shelved", shelved)
    writer.field("highest_severity", highestSeverity)
    writer.field(
      "highest_priority", active > 0 ? AlarmRecord.priority(severity: highestSeverity) : "none")
    return writer.end()
  }
}
