package import AndonConfiguration

/// What a configuration says about people, for a works council and a data protection officer. A function of the
/// configuration and the users file: it holds for the running bridge as soon as that has read both.
package struct PrivacyReport: Sendable {
  package var bridgeID: String
  /// In the order of the configuration.
  package var sites: [SitePrivacyReport]

  package init(_ settings: Settings, users: [UserRecord]?) {
    bridgeID = settings.bridge.id
    sites = settings.sites.map { SitePrivacyReport($0, of: settings, users: users) }
  }

  /// The report of the configuration as it would be read now, with its users file.
  ///
  /// - Throws: `SettingsErrors` when the users file cannot be read or has mistakes.
  package static func read(_ settings: Settings) throws -> PrivacyReport {
    PrivacyReport(settings, users: try settings.http.usersFile.map { try UsersFile.read($0).users })
  }
}
