import Foundation
import Synchronization
import TestSupport

@testable import AndonStore

/// A new site's file, created once and copied: creating it would dominate the time of a short simulation.
enum EmptyStore {
  private static let made = Mutex<[String: Data]>([:])

  static func copy(site: String, to path: String) throws {
    let data = try made.withLock { made in
      if let data = made[site] { return data }
      let folder = try TemporaryFolder.make("empty")
      defer { try? FileManager.default.removeItem(at: folder) }
      let file = folder.appending(path: "empty.sqlite")
      try SiteStore.openForWriting(path: file.path, siteID: site).close()
      let data = try Data(contentsOf: file)
      made[site] = data
      return data
    }
    let url = URL(fileURLWithPath: path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: url)
  }
}
