import AndonCentral
import AndonConfiguration
import AndonStore
import Foundation

/// The files of sites that this bridge has and does not run: from them a site can continue without a restore.
enum FleetFiles {
  private static func folder(_ settings: Settings) -> String {
    (settings.databasePath(site: "x") as NSString).deletingLastPathComponent
  }

  /// What a restore left that did not come to its end.
  static func removePartial(_ settings: Settings) {
    let folder = folder(settings)
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    where name.contains(".sqlite.restoring") {
      try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
    }
  }

  /// Deletes files of sites that other bridges have, and files that were moved aside: the database has what is in them, and
  /// erasures and ages are not applied to them.
  static func removeSpare(_ settings: Settings, except open: Set<String>, olderThanMs: Int64) {
    let (folder, files) = (folder(settings), FileManager.default)
    let limit = Date(timeIntervalSinceNow: -Double(olderThanMs) / 1000)
    for name in (try? files.contentsOfDirectory(atPath: folder)) ?? [] {
      guard let dot = name.range(of: ".sqlite") else { continue }
      guard !open.contains(String(name[..<dot.lowerBound])) || name.contains(".stale-") else { continue }
      let path = "\(folder)/\(name)"
      let changed = (try? files.attributesOfItem(atPath: path))?[.modificationDate] as? Date
      if let changed, changed < limit { try? files.removeItem(atPath: path) }
    }
  }

  static func positions(_ settings: Settings, except open: Set<String>) -> [FleetFile] {
    let folder = folder(settings)
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
