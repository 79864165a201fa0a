import AndonConfiguration
import AndonCore

/// What a configuration says about the people of one site: read, kept, computed, received.
package struct SitePrivacyReport: Sendable {
  package var siteID: String
  /// In the order of the parts.
  package var statements: [PrivacyStatement]
  /// What the notice for workers says of this site.
  package var notice: WorkerNotice

  /// - Parameter users: of `http.users_file`; nil where there is none.
  init(_ site: SiteSettings, of settings: Settings, users: [UserRecord]?) {
    siteID = site.id
    statements =
      ModeStatements(site).all + FieldStatements(site).all + KeptStatements(site).all
      + EvaluationStatements(site).all + RecipientStatements(site, settings, users: users).all
      + CentralStatements(site, settings.central).all
    notice = WorkerNotice(site)
  }

  package subscript(part: PrivacyStatement.Part) -> [PrivacyStatement] {
    statements.filter { $0.part == part }
  }
}
