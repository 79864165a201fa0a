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
  public func json() -> [UInt8] { Self.payload.json(self) }

  package static let payload = PayloadTable<AlarmSummary>(
    "How many alerts of a site are in which state.",
    .time { $0.nowMs },
    [
      .required("site_id", .identifier("The site")) { $0.siteID },
      .required("active", .count("Alerts active")) { $0.active },
      .required("unacked", .count("Alerts unacked")) { $0.unacked },
      .required("pending", .count("Alerts pending")) { $0.pending },
      .required("shelved", .count("Alerts shelved")) { $0.shelved },
      .required("highest_severity", .count("0 when none is active", most: 1000)) { $0.highestSeverity },
      .required("highest_priority", .text("none when none is active")) {
        $0.active > 0 ? AlarmRecord.priority(severity: $0.highestSeverity) : "none"
      },
    ])
}
