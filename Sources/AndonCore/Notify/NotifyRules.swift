/// A site's routes in their order, and what they need to know of the site.
public struct NotifyRules: Sendable {
  public var routes: [NotifyRoute]
  public var siteID: String
  public var calendar: SiteCalendar
  /// The lines, which a route can match.
  public var layout: SiteLayout

  /// When a route's turn comes.
  public struct Stage: Sendable, Hashable {
    public var route: String
    public var dueMs: Int64
  }

  public init(
    routes: [NotifyRoute], siteID: String, calendar: SiteCalendar, layout: SiteLayout = SiteLayout()
  ) {
    self.routes = routes
    self.siteID = siteID
    self.calendar = calendar
    self.layout = layout
  }

  /// The routes that get a page of this moment, in their order.
  ///
  /// Every route that matches gets it, the first ones at once. One with `escalateAfterMs` lets those below it
  /// wait for that long: they get it only if it was not acknowledged by then. A route matches or not by the
  /// time at which its turn comes.
  public func stages(_ record: AlarmRecord, nowMs: Int64) -> [Stage] {
    let key = record.machine.key
    let subject = NotifySubject(
      siteID: siteID, alertClass: key.rule.alertClass,
      priority: AlarmRecord.priority(severity: record.machine.severity), line: line(of: key))
    var stages: [Stage] = []
    var dueMs = nowMs
    for route in routes {
      let (day, minute) = calendar.weekMinute(at: dueMs)
      guard route.match.matches(subject, day: day, minute: minute) else { continue }
      stages.append(Stage(route: route.id, dueMs: dueMs))
      dueMs += route.escalateAfterMs ?? 0
    }
    return stages
  }

  /// An alert of a whole line has the line as its source.
  private func line(of key: AlarmKey) -> String? {
    if key.rule.isOfCamera { return layout.line(ofCamera: key.sourceID)?.id }
    return (layout.line(ofWorkstation: key.sourceID) ?? layout.line(key.sourceID))?.id
  }

  public func sendsResolved(_ route: String) -> Bool {
    routes.contains { $0.id == route && $0.sendsResolved }
  }

  public func hearsEnd(_ route: String) -> Bool { routes.contains { $0.id == route && $0.hearsEnd } }
}
