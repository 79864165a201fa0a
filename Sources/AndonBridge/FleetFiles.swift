import AndonCentral
import AndonConfiguration
import AndonStore
import Foundation

/// The files of sites that this bridge has and does not run: from them a site can continue without a restore.
enum FleetFiles {
  static func positions(_ settings: Settings, except open: Set<String>) -> [FleetFile] {
    let folder = (settings.databasePath(site: "x") as NSString).deletingLastPathComponent
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".sqlite") }.sorted().flatMap { name -> [FleetFile] in
      let id = String(name.dropLast(7))
      guard !open.contains(id) else { return [] }
      // One that cannot be read is restored.
      let positions = try? SiteStore.openForReading(path: "\(folder)/\(name)", siteID: id).logPositions()
      return (positions ?? []).map { FleetFile(siteID: id, seq: $0.seq, tip: $0.tip) }
    }
  }
}
