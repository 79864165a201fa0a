import AndonConfiguration
import Foundation

/// The files of sites that this bridge has and does not run.
enum FleetFiles {
  static func folder(_ settings: Settings) -> String {
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
}
