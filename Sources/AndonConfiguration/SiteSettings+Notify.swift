package import AndonCore

extension SiteSettings {
  /// The lines that `match.line` of a route can name.
  package var notifyLines: [String] { layout.lines.map(\.id) }

  /// What decides which routes get a page.
  package func notifyRules(_ calendar: SiteCalendar) -> NotifyRules {
    var rules = NotifyRules(routes: notify.map(\.route), siteID: id, calendar: calendar)
    for line in layout.lines {
      rules.lines.insert(line.id)
      for workstation in line.workstations { rules.lineOfWorkstation[workstation] = line.id }
      for camera in line.cameras { rules.lineOfCamera[camera] = line.id }
    }
    return rules
  }
}
