package import AndonCore

extension SiteSettings {
  /// What decides which routes get a page.
  package func notifyRules(_ calendar: SiteCalendar) -> NotifyRules {
    NotifyRules(routes: notify.map(\.route), siteID: id, calendar: calendar, layout: layout)
  }
}

extension Settings {
  /// The routes of all sites, each once, with the first site that has it.
  package var routes: [(route: NotifyRouteSettings, site: SiteSettings)] {
    var known: Set<String> = []
    return sites.flatMap { site in
      site.notify.filter { known.insert($0.route.id).inserted }.map { ($0, site) }
    }
  }
}
