import AndonCentral
import AndonConfiguration
import AndonStore
import Foundation

/// The positions of the files that this bridge has and does not run. A file is opened again only after it has changed, as
/// they are asked for before each claim. For one thread at a time.
final class SparePositions {
  /// Of a file and its write-ahead log: when they were changed last, and how long they are.
  private typealias Stamp = [String]

  private let settings: Settings
  private var known: [String: (stamp: Stamp, positions: [FleetFile])] = [:]

  init(_ settings: Settings) { self.settings = settings }

  /// - Parameter open: sites that run here.
  func read(except open: Set<String>) -> [FleetFile] {
    let folder = FleetFiles.folder(settings)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let spare = names.filter { $0.hasSuffix(".sqlite") && !open.contains(String($0.dropLast(7))) }.sorted()
    var found: [String: (stamp: Stamp, positions: [FleetFile])] = [:]
    for name in spare {
      let path = "\(folder)/\(name)"
      let stamp = Self.stamp(path)
      found[name] =
        known[name].flatMap { $0.stamp == stamp ? $0 : nil }
        ?? (stamp, Self.positions(path, site: String(name.dropLast(7))))
    }
    known = found
    return spare.flatMap { found[$0]?.positions ?? [] }
  }

  private static func stamp(_ path: String) -> Stamp {
    [path, path + "-wal"].map { path in
      guard let file = try? FileManager.default.attributesOfItem(atPath: path) else { return "" }
      let changed = (file[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
      return "\(changed) \(file[.size] as? Int ?? 0)"
    }
  }

  /// None of a file that cannot be read: it is restored.
  private static func positions(_ path: String, site: String) -> [FleetFile] {
    let positions = try? SiteStore.openForReading(path: path, siteID: site).logPositions()
    return (positions ?? []).map { FleetFile(siteID: site, seq: $0.seq, tip: $0.tip) }
  }
}
