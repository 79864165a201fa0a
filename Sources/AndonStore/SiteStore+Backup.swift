import Foundation
import GRDB

extension SiteStore {
  /// Copies the file as it is at this moment, while the bridge continues to write, and checks the copy.
  ///
  /// The copy is written under another name, synced and renamed: a backup file is always complete. To restore
  /// it, put it at `{data_dir}/sites/{site}.sqlite`.
  ///
  /// - Throws: `StoreError.exists` when the file exists, `StoreError.damaged` when the copy fails its check,
  ///   SQLite's and the system's errors.
  package func backup(to path: String) throws {
    guard !FileManager.default.fileExists(atPath: path) else { throw StoreError.exists(path: path) }
    let partial = path + ".partial"
    try? FileManager.default.removeItem(atPath: partial)
    do {
      let copy = try DatabaseQueue(path: partial)
      // All pages in one step: one snapshot, however much is written meanwhile.
      try database.backup(to: copy)
      let problems = try copy.writeWithoutTransaction { db in
        // The copy has the WAL mode of the original; a backup should be a single file.
        try db.execute(sql: "PRAGMA journal_mode = DELETE")
        return try String.fetchAll(db, sql: "PRAGMA quick_check(5)").filter { $0 != "ok" }
      }
      try copy.close()
      guard problems.isEmpty else {
        throw StoreError.damaged(path: partial, problem: problems.joined(separator: "; "))
      }
      try syncToDisk(partial)
      try FileManager.default.moveItem(atPath: partial, toPath: path)
      try syncToDisk((path as NSString).deletingLastPathComponent)
    } catch {
      try? FileManager.default.removeItem(atPath: partial)
      throw error
    }
  }
}

/// Waits until the file or folder is on disk.
func syncToDisk(_ path: String) throws {
  let descriptor = open(path.isEmpty ? "." : path, O_RDONLY)
  guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
  defer { close(descriptor) }
  guard fsync(descriptor) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
}
