import AndonConfiguration
import AndonCore

/// What of a site leaves the plant for the central database.
struct CentralStatements {
  private let site: SiteSettings
  private let central: CentralSettings
  private var privacy: PrivacySettings { site.privacy }

  init(_ site: SiteSettings, _ central: CentralSettings) { (self.site, self.central) = (site, central) }

  var all: [PrivacyStatement] {
    guard central.mode != .off else { return [] }
    let (events, scopes) = central.selection(of: site)
    let width: Int64 = privacy.hasLastingIDs ? 2 : 1
    let age = SettingValue.duration(central.retentionMs)
    let who = privacy.replacesIDs ? "the worker's pseudonym" : "the worker's id"
    var all = [
      PrivacyStatement(
        .recipient, "central database \(central.place)",
        "outside of the plant: figures of \(Self.words(scopes.subtracting([.worker]))) for ever; alerts, gaps, stops with their "
          + "reasons and what was said, targets, calendar, reports, without the names of those who decided; no worker"
      )
    ]
    if scopes.contains(.worker) {
      all.append(
        PrivacyStatement(
          .recipient, "central database, figures of workers",
          "outside of the plant: figures of closed hours, shifts and days with \(who)", width: width))
    }
    if events {
      all.append(
        PrivacyStatement(
          .recipient, "central database, events",
          "outside of the plant: single events with time, workstation, state and \(who)", width: width))
    }
    if events || scopes.contains(.worker) {
      all.append(
        PrivacyStatement(
          .kept, "central database",
          "events and figures of single workers outside of the plant: \(age); an erased worker goes there, too",
          width: central.retentionMs))
    }
    return all
  }

  private static func words(_ scopes: Set<KPIScope>) -> String {
    let names: [(KPIScope, String)] = [
      (.site, "the site"), (.area, "areas"), (.line, "lines"), (.workstation, "workstations"),
    ]
    let shown = names.filter { scopes.contains($0.0) }.map(\.1)
    return shown.isEmpty ? "nothing" : shown.joined(separator: ", ")
  }
}
