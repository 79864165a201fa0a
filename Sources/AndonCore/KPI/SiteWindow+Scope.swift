extension SiteWindow {
  /// Whether it may have records of this scope, and of this id if one is given.
  public func has(_ scope: KPIScope, id: String? = nil) -> Bool {
    switch scope {
    case .site, .worker: isOfSite
    case .area: areas.contains { id == nil || $0.id == id }
    case .line: lines.contains { id == nil || $0.id == id }
    case .workstation: id.map(includes(workstation:)) ?? (isOfSite || !lines.isEmpty)
    }
  }
}

extension SiteCalendars {
  /// The calendar that the records of a scope and id follow.
  public func calendar(of scope: KPIScope, id: String) -> SiteCalendar {
    switch scope {
    case .site, .area, .worker: site
    case .line: calendar(ofLine: id) ?? site
    case .workstation: calendar(ofWorkstation: id)
    }
  }
}
