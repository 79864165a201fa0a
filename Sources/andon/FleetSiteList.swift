import AndonCentral
import AndonConfiguration
import AndonStore
import Foundation

/// The sites of a fleet for commands on a bridge's machine: the configuration of the bridge has none, their documents are in
/// the central database.
struct FleetSiteList {
  private let settings: Settings
  private let file: String

  init(_ settings: Settings, in file: String) { (self.settings, self.file) = (settings, file) }

  /// - Throws: `Failure`, which lists the sites that are there.
  func site(_ id: String) throws -> SiteSettings {
    try withDocuments { documents in
      guard let site = try site(id, of: documents) else {
        let known = try documents.sites()
        let shown = known.prefix(20).joined(separator: ", ") + (known.count > 20 ? ", …" : "")
        throw Failure("there is no site \"\(id)\" in the fleet of \(file); it has: \(shown)")
      }
      return site
    }
  }

  /// Nil for one that is not on the list.
  private func site(_ id: String, of documents: FleetDocuments) throws -> SiteSettings? {
    try documents.document(of: id).map { try SettingsLoader.parseSite(yaml: $0, id: id, of: settings) }
  }

  /// Those that have a file on this machine, by id.
  func sitesHere() throws -> [SiteSettings] {
    try withDocuments { documents in
      try documents.sites().filter {
        FileManager.default.fileExists(atPath: settings.databasePath(site: $0))
      }.compactMap { try site($0, of: documents) }
    }
  }

  /// The first of them, and how many there are.
  func sites(first count: Int) throws -> (some: [SiteSettings], count: Int) {
    try withDocuments { documents in
      let ids = try documents.sites()
      return (try ids.prefix(count).compactMap { try site($0, of: documents) }, ids.count)
    }
  }

  private func withDocuments<Result>(_ body: (FleetDocuments) throws -> Result) throws -> Result {
    let server = try CentralOptions.settings(of: settings, in: file)
    do {
      let documents = try FleetDocuments(server)
      defer { documents.close() }
      return try body(documents)
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(ErrorWords.text(error))
    }
  }
}
