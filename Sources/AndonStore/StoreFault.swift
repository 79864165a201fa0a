import GRDB

/// The kinds of faults of a site's file, and what a person can do about each.
package enum StoreFault: Sendable, Hashable {
  /// Another program held SQLite's lock for longer than the busy time-out.
  case busy
  /// The disk (or the quota) is full.
  case full
  /// The disk failed: an I/O error, or a failed sync. The connection cannot be trusted any more.
  case inputOutput
  /// The file or its folder cannot be written or opened.
  case notWritable
  /// The bytes are no sound database.
  case damaged
  /// Only a person can resolve it: another site's file, a newer schema, another process.
  case refused

  /// The fault behind an error; nil for errors that are none of these.
  package init?(_ error: any Error) {
    if let error = error as? StoreError {
      switch error {
      case .cannotCreate: self = .notWritable
      case .damaged: self = .damaged
      case .lockedByAnother, .newerSchema, .unreleasedSchema, .wrongSite, .missing, .empty, .foreign,
        .networkFileSystem,
        .exists:
        self = .refused
      }
      return
    }
    guard let error = error as? DatabaseError else { return nil }
    switch error.resultCode {
    case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy
    case .SQLITE_FULL: self = .full
    case .SQLITE_IOERR: self = .inputOutput
    case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH: self = .notWritable
    case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT: self = .damaged
    default: return nil
    }
  }

  /// Whether the open file must be closed and opened again before it is used.
  package var needsReopening: Bool {
    switch self {
    case .busy, .full, .refused: false
    case .inputOutput, .notWritable, .damaged: true
    }
  }

  /// What happened and what to do, for the log and `/status`. The message of the error follows it.
  package func words(path: String) -> String {
    switch self {
    case .busy:
      "\(path) is locked by another program (a backup tool, a shell?); end that one, the site goes on by itself"
    case .full:
      "the disk of \(path) is full; make room, the site goes on by itself"
    case .inputOutput:
      "the disk of \(path) reports errors; the file is closed, opened anew and compared before the site goes on"
    case .notWritable:
      "\(path) cannot be written or opened; mend the file system or the rights, the site looks again by itself"
    case .damaged:
      "\(path) is damaged; it is left as it is. Stop the bridge, keep a copy, put back the last backup or move "
        + "the file away; the broker keeps what comes meanwhile"
    case .refused: ""
    }
  }
}
