import Foundation
import GRDB

/// Messages for the person who ran a command: what failed, on which file, and what to do. The running bridge
/// uses `StoreFault.words` for the same faults, because there the site tries again by itself.
package enum ErrorWords {
  /// - Parameter path: The site's file that was in use, if any.
  package static func text(_ error: any Error, path: String? = nil) -> String {
    switch error {
    case let error as StoreError: store(error)
    case let error as DatabaseError: database(error, path: path)
    case let error as CocoaError: system(error)
    default: "\(error)"
    }
  }

  private static func store(_ error: StoreError) -> String {
    switch error {
    case .cannotCreate:
      "\(error); run andon as the user that owns the folder, or change bridge.data_dir"
    case .damaged(let path, _): "\(error). \(damaged(path))"
    case .wrongSite(let path, "", _):
      "\(path) is no finished file of Andon's: whoever began to make it was stopped; start the bridge, which "
        + "goes on from there"
    case .lockedByAnother, .newerSchema, .unreleasedSchema, .wrongSite, .missing, .empty, .foreign,
      .networkFileSystem, .exists:
      "\(error)"
    }
  }

  private static func database(_ error: DatabaseError, path: String?) -> String {
    let file = path ?? "the database"
    if let path, isFolder(path) { return "\(path) is a folder, not a site's file; is bridge.data_dir right?" }
    let reason = "(SQLite: \(error.message ?? "error \(error.extendedResultCode.rawValue)"))"
    return switch StoreFault(error) {
    case .busy:
      "\(file) is locked by another program \(reason); end that one (a backup tool, a shell?), then try again"
    case .full: "the disk of \(file) is full \(reason); make room, then try again"
    case .inputOutput:
      "the disk of \(file) reports errors \(reason); look at the system's log, copy the file to a sound disk"
    case .notWritable:
      "\(file) cannot be opened or written by user \(user) \(reason); run andon as the user that owns it, or "
        + "mend the rights"
    case .damaged where error.resultCode == .SQLITE_NOTADB:
      "\(file) is no SQLite database \(reason). \(damaged(file))"
    case .damaged: "\(file) is damaged \(reason). \(damaged(file))"
    // SQLite refuses no file: that is `StoreError`.
    case .refused, nil: unclassified(error, file, reason)
    }
  }

  private static func unclassified(_ error: DatabaseError, _ file: String, _ reason: String) -> String {
    guard error.message?.hasPrefix("no such table") == true else {
      return "\(file) cannot be used \(reason); keep a copy of it, and report this with the command's words"
    }
    return
      "\(file) is a SQLite database, but no site's file \(reason); is bridge.data_dir right, or was it copied "
      + "without the -wal file beside it?"
  }

  private static func damaged(_ path: String) -> String {
    "Stop the bridge, keep a copy of \(path), then put back the last backup or move the file away"
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }

  private static var user: String { NSUserName() }

  /// Foundation's file errors: the path and the system's message.
  private static func system(_ error: CocoaError) -> String {
    let reason = (error.underlying as? POSIXError).map { String(cString: strerror($0.code.rawValue)) }
    let path = error.filePath ?? error.url?.path
    return [path, reason ?? error.localizedDescription].compactMap(\.self).joined(separator: ": ")
  }
}
