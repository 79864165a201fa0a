package import AndonCore

extension SiteSettings {
  /// The lines that `match.line` of a route can name.
  package var notifyLines: [String] { [] }

  /// The line of each camera and workstation that belongs to one.
  package var lineOfSource: [String: String] { [:] }

  /// What decides which routes get a page.
  package func notifyRules(_ calendar: SiteCalendar) -> NotifyRules {
    NotifyRules(
      routes: notify.map(\.route), siteID: id, calendar: calendar, lineOfSource: lineOfSource)
  }
}
