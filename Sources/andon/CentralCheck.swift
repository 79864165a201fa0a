import AndonCentral
import AndonCheck
import AndonConfiguration
import AndonCore
import AndonStore
import Postgres

/// Asks the central database whether the bridge could ship to it. Nothing is written there.
struct CentralCheck {
  private let settings: Settings
  private let file: String

  init(_ settings: Settings, in file: String) { (self.settings, self.file) = (settings, file) }

  func run(isOffline: Bool) -> [Finding] {
    guard settings.central.mode != .off else { return [] }
    return settings.sites.map(selection) + (isOffline ? [] : [server()] + fleet())
  }

  /// What of a site would be sent.
  private func selection(_ site: SiteSettings) -> Finding {
    let central = settings.central
    let (events, scopes) = central.selection(of: site)
    let shown = scopes.map(\.rawValue).sorted().joined(separator: ", ")
    let sent = "figures of \(shown.isEmpty ? "no scope" : shown)\(events ? ", and events" : "")"
    guard scopes != central.scopes || events != central.sendsEvents else {
      return Finding(.ok, "central", site: site.id, "\(sent) are sent to \(central.place)")
    }
    return Finding(
      .warning, "central", site: site.id, "only \(sent) are sent: privacy of the site does not let out more",
      advice: "see privacy: of the site, central.scopes and central.events")
  }

  /// What a bridge of a fleet asks before it takes part.
  private func fleet() -> [Finding] {
    guard settings.central.mode == .fleet, let server = try? CentralOptions.settings(of: settings, in: file)
    else { return [] }
    var findings: [Finding] = []
    do throws(CentralError) {
      let own = FleetSettings(bridge: settings.bridge.id, version: "check")
      try FleetSession(server, own, needsStandby: true).close()
      findings.append(Finding(.ok, "fleet", "\(server.place) waits for a standby"))
    } catch .noStandby {
      let level: Finding.Level = settings.central.acceptsSingleNode ? .warning : .error
      findings.append(
        Finding(
          level, "fleet",
          "\(server.place) waits for no standby: what was acknowledged is lost with that machine",
          advice: "set synchronous_standby_names there: docs/fleet.md"))
    } catch {
      // `server` says it.
      return []
    }
    do {
      let count = try FleetSiteList(settings, in: file).sites(first: .max).count
      findings.append(
        count > 0
          ? Finding(.ok, "fleet", "\(count) \(count == 1 ? "site" : "sites"), whose documents can be read")
          : Finding(.warning, "fleet", "the fleet has no site", advice: "andon fleet apply FILE"))
    } catch {
      findings.append(
        Finding(.error, "fleet", ErrorWords.text(error), advice: "andon fleet apply with the site's file"))
    }
    return findings
  }

  private func server() -> Finding {
    do {
      let settings = try CentralOptions.settings(of: settings, in: file)
      let about = try CentralSession(settings, incarnation: "00000000-0000-0000-0000-000000000000").about()
      if about.schemaVersion < CentralSchema.version {
        return Finding(
          .error, "central",
          "\(settings.place) has schema \(about.schemaVersion), this program \(CentralSchema.version)",
          advice: "andon central migrate")
      }
      if about.oldestWriter > CentralSchema.version {
        return Finding(
          .error, "central", "\(settings.place) takes bridges of schema \(about.oldestWriter) and newer",
          advice: "upgrade this bridge")
      }
      return Finding(.ok, "central", "\(settings.place) answers, schema \(about.schemaVersion)")
    } catch {
      // The bridge runs without it, and keeps what it has for it.
      return Finding(
        .error, "central", ErrorWords.text(error),
        advice: "the bridge works, and ships nothing: docs/central.md")
    }
  }
}
