package import AndonConfiguration
import AndonCore
import AndonNotify

/// Checks where pages go: the routes as configured and, online, whether each receiver can be reached, with its
/// certificate and login. Sends nothing.
package struct NotifyCheck {
  private let settings: Settings

  package init(_ settings: Settings) { self.settings = settings }

  /// - Parameter isOffline: asks no receiver.
  package func run(isOffline: Bool) -> [Finding] {
    var findings: [Finding] = []
    for (route, site) in settings.routes {
      findings.append(configured(route))
      if !isOffline { findings.append(reach(route, site)) }
    }
    for site in settings.sites {
      if !site.notify.isEmpty, site.notify.last?.route.escalateAfterMs != nil {
        findings.append(
          Finding(
            .warning, "notify", site: site.id,
            "route \(site.notify.last?.route.id ?? ""): escalate_after, but no route follows it",
            advice: "put the route that is to be called then below it"))
      }
    }
    if let heartbeat = settings.heartbeat {
      findings.append(
        Finding(
          .ok, "notify",
          "dead-man's switch \(heartbeat.url.shown) every \(heartbeat.everyMs / 1000) s, while the bridge is ready"
        ))
    }
    return findings
  }

  private func configured(_ route: NotifyRouteSettings) -> Finding {
    let name = "route \(route.route.id): \(route.kind.rawValue) \(route.url.shown)"
    if let url = route.url.text, NotifyURL.isInTheClear(url) {
      return Finding(
        .warning, "notify", "\(name) is in the clear: everyone on the way can read and change the pages",
        advice: "use https")
    }
    guard route.kind != .webhook || route.secretFile != nil else {
      return Finding(
        .ok, "notify", "\(name), not signed",
        advice: "with secret_file, the receiver can prove that a page is from Andon")
    }
    return Finding(.ok, "notify", name)
  }

  private func reach(_ route: NotifyRouteSettings, _ site: SiteSettings) -> Finding {
    let name = "route \(route.route.id): \(route.url.shown)"
    do {
      _ = try NotifyTrial(route, site: site).reach()
      return Finding(.ok, "notify", "\(name) can be reached")
    } catch {
      return Finding(
        .error, "notify", "\(name): \(error)",
        advice: "then try it: andon notify test --config … --route \(route.route.id)")
    }
  }
}
