/// Alarms that another alarm explains.
extension AlarmManager {
  /// Attaches raised alarms to the alarm of their cause: they page no more.
  public mutating func attach(_ keys: [AlarmKey], to cause: AlarmKey, nowMs: Int64) {
    let alarm = cause.alertID(site: siteID)
    for key in keys where machines[key] != nil {
      edit(key, machines[key]?.measure) { $0.attach(to: alarm, nowMs: nowMs) }
    }
  }

  /// Ends the attachment to an alarm that is over: what is still raised is a matter of its own and pages.
  public mutating func detach(from cause: AlarmKey, nowMs: Int64) {
    let alarm = cause.alertID(site: siteID)
    for key in open.keys.sorted() where machines[key]?.occurrence?.attachedTo == alarm {
      edit(key, machines[key]?.measure) { $0.detach(nowMs: nowMs) }
    }
  }
}
