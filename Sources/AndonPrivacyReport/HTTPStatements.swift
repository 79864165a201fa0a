import AndonAccess
import AndonConfiguration

/// Who sees what of a site over HTTP.
struct HTTPStatements {
  private let site: SiteSettings
  private let http: HTTPSettings
  private let users: [UserRecord]?

  init(_ site: SiteSettings, _ http: HTTPSettings, users: [UserRecord]?) {
    (self.site, self.http, self.users) = (site, http, users)
  }

  var all: [PrivacyStatement] {
    http.isEnabled ? open + token + named + identityProvider + proxy + origins : []
  }

  private func recipient(_ subject: String, _ words: String, width: Int64) -> PrivacyStatement {
    PrivacyStatement(.recipient, "HTTP \(subject)", words, width: width)
  }

  // MARK: What a role sees

  /// In words, and as a width: 1 without anything of single people.
  private func sight(_ role: Role) -> (words: String, width: Int64) {
    let may = role.capabilities
    var parts = ["figures of workstations, lines, areas and the site"]
    var width: Int64 = 1
    if may.contains(.workers), site.privacy.showsWorkers {
      parts.append(
        site.privacy.replacesIDs ? "figures and events of pseudonyms" : "figures and events of workers")
      width += 2
    }
    if may.contains(.quarantine) {
      parts.append(site.privacy.replacesIDs ? "rejected events without ids" : "rejected events with ids")
      width += site.privacy.replacesIDs ? 1 : 2
    }
    if may.contains(.accessLog) {
      parts.append("the access log")
      width += 1
    }
    return (parts.joined(separator: ", "), width)
  }

  private func whole(_ subject: String, _ intro: String) -> PrivacyStatement {
    let sight = sight(.admin)
    return recipient(subject, "\(intro): \(sight.words)", width: sight.width)
  }

  // MARK: Ways in

  private var open: [PrivacyStatement] {
    let needsToken = http.tokenFile != nil && (http.needsTokenForReads || !http.isLoopback)
    guard !http.hasUsers, !needsToken else { return [] }
    return [
      whole(
        "without a login",
        http.isLoopback
          ? "everybody on this machine, and everybody whom a proxy on it lets through, without a name"
          : "everybody who reaches \(http.host), without a name")
    ]
  }

  private var token: [PrivacyStatement] {
    http.tokenFile == nil
      ? [] : [whole("shared token", "who has the token, as an admin of all sites without a name")]
  }

  private var named: [PrivacyStatement] {
    (users ?? []).filter { $0.sites?.contains(site.id) ?? true }.sorted { $0.name < $1.name }.map { user in
      let sight = sight(user.role)
      return PrivacyStatement(
        .recipient, "HTTP user \(user.name)", "\(user.role.rawValue): \(sight.words)", width: sight.width,
        group: sight.width > 1 ? nil : "HTTP users who see \(sight.words)")
    }
  }

  private var identityProvider: [PrivacyStatement] {
    http.oidc.map {
      [whole("identity provider \($0.issuer)", "users to whom the provider gives a role, as admin at most")]
    } ?? []
  }

  private var proxy: [PrivacyStatement] {
    http.trustedProxy.map {
      [
        whole(
          "proxy \($0.addresses.map(\.description).joined(separator: ", "))",
          "users whom the proxy names, with the role that it says, as admin at most")
      ]
    } ?? []
  }

  private var origins: [PrivacyStatement] {
    http.corsOrigins.map {
      recipient("pages of \($0)", "a page of this origin may read what its user may", width: 1)
    }
  }
}
