/// Every topic of Andon in one place. No topic is both a leaf and the parent of another one.
public struct TopicNames: Sendable, Hashable {
  /// The common prefix of all topics, e.g. `andon/v1`.
  public let root: String

  public init(root: String) { self.root = root }

  public func eventFilter(site: String) -> String { "\(root)/\(site)/camera/+/event" }
  public func cameraStatusFilter(site: String) -> String { "\(root)/\(site)/camera/+/status" }
  public func event(site: String, camera: String) -> String { "\(root)/\(site)/camera/\(camera)/event" }
  public func cameraStatus(site: String, camera: String) -> String {
    "\(root)/\(site)/camera/\(camera)/status"
  }
  public func reject(site: String, camera: String) -> String { "\(root)/\(site)/camera/\(camera)/reject" }
  public func kpi(site: String, scope: String, id: String, window: String) -> String {
    "\(root)/\(site)/kpi/\(scope)/\(id)/\(window)"
  }
  public func kpiFinal(site: String, scope: String, id: String, window: String) -> String {
    "\(root)/\(site)/kpi_final/\(scope)/\(id)/\(window)"
  }
  public func tag(site: String, scope: String, id: String, window: String, metric: String) -> String {
    "\(root)/\(site)/tag/\(scope)/\(id)/\(window)/\(metric)"
  }
  public func alert(site: String, class alertClass: String, source: String) -> String {
    "\(root)/\(site)/alert/\(alertClass)/\(source)"
  }
  public func alertEvent(site: String, class alertClass: String, source: String) -> String {
    "\(root)/\(site)/alert_event/\(alertClass)/\(source)"
  }
  public func alertSummary(site: String) -> String { "\(root)/\(site)/alert_summary" }
  public func commandFilter(site: String) -> String { command(site: site, group: "+", name: "+") }
  public func command(site: String, group: String, name: String) -> String {
    "\(root)/\(site)/cmd/\(group)/\(name)"
  }
  public func commandResult(site: String, group: String, name: String) -> String {
    "\(root)/\(site)/cmd_result/\(group)/\(name)"
  }
  public func stop(site: String, workstation: String) -> String { "\(root)/\(site)/stop/\(workstation)" }
  public func stopEvent(site: String, workstation: String) -> String {
    "\(root)/\(site)/stop_event/\(workstation)"
  }
  public func report(site: String, scope: String, id: String) -> String {
    "\(root)/\(site)/report/\(scope)/\(id)"
  }
  public func metaKPI(site: String) -> String { "\(root)/\(site)/meta/kpi" }
  public func metaSite(site: String) -> String { "\(root)/\(site)/meta/site" }
  public func metaCalendar(site: String) -> String { "\(root)/\(site)/meta/calendar" }
  public func metaCalendar(site: String, line: String) -> String {
    "\(root)/\(site)/meta/calendar_line/\(line)"
  }
  public func availability(site: String) -> String { "\(root)/\(site)/availability" }
  public func availability(bridge: String) -> String { "\(root)/_bridge/\(bridge)/availability" }
  public func bridgeStatus(bridge: String) -> String { "\(root)/_bridge/\(bridge)/status" }
}
