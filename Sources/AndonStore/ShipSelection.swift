package import AndonConfiguration
package import AndonCore

/// What of a site's file goes into its log for the central history, besides what always does: alarms, gaps, cameras,
/// counters, stops with their reasons, targets, commands on the calendar, reports and erasures.
package struct ShipSelection: Sendable, Hashable {
  /// Every stored event.
  package var events: Bool
  /// Whose final figures.
  package var scopes: Set<KPIScope>
  /// What each commit changed in the small tables, so that the file can be made again from the database. It needs the
  /// events, too.
  package var keepsState: Bool

  package init(events: Bool, scopes: Set<KPIScope>, keepsState: Bool = false) {
    (self.events, self.scopes, self.keepsState) = (events, scopes, keepsState)
  }

  /// What a site's privacy lets out of the plant.
  package init(of site: SiteSettings, _ central: CentralSettings) {
    let (events, scopes) = central.selection(of: site)
    // In a fleet the database is the truth: bridges continue from it. Who reads there gets views without people.
    let isFleet = central.mode == .fleet
    self.init(events: events || isFleet, scopes: scopes, keepsState: isFleet)
  }

  /// Whether a record may leave the plant: what waits was perhaps logged under a wider selection.
  package func allows(_ record: ShipRecord) -> Bool {
    switch record {
    case .event: events
    case .final(let row): scopes.contains(row.record.scope)
    case .patch: keepsState
    default: true
    }
  }

  /// Whether all that the other lets in is in this one.
  func contains(_ other: ShipSelection) -> Bool {
    (events || !other.events) && scopes.isSuperset(of: other.scopes)
  }

  private static let order: [KPIScope] = [.site, .area, .line, .workstation, .worker]

  /// As the file has it; never 0, which stands for no log.
  var bits: Int {
    Self.order.enumerated().reduce((events ? 3 : 1) | (keepsState ? 128 : 0)) {
      scopes.contains($1.element) ? $0 | 4 << $1.offset : $0
    }
  }

  init?(bits: Int) {
    guard bits & 1 == 1 else { return nil }
    self.init(
      events: bits & 2 == 2,
      scopes: Set(Self.order.enumerated().filter { bits & 4 << $0.offset != 0 }.map(\.element)),
      keepsState: bits & 128 == 128)
  }
}
