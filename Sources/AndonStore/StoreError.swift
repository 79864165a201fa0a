/// Why a site's file cannot be used, with what a person can do.
package enum StoreError: Error, CustomStringConvertible, Equatable {
  case lockedByAnother(path: String, holder: String)
  case newerSchema(path: String)
  /// Written by a version before the first release.
  case unreleasedSchema(path: String)
  case wrongSite(path: String, found: String, expected: String)
  case missing(path: String)
  /// An empty file, or a database without tables.
  case empty(path: String)
  /// A database of another program.
  case foreign(path: String)
  case cannotCreate(path: String, reason: String)
  case networkFileSystem(path: String, kind: String)
  case exists(path: String)
  case damaged(path: String, problem: String)

  package var description: String {
    switch self {
    case .lockedByAnother(let path, let holder):
      "\(path) is in use by another Andon (\(holder)); stop that one first, one process writes a site"
    case .newerSchema(let path):
      "\(path) was written by a newer Andon; use that version or newer, this one would not understand it"
    case .unreleasedSchema(let path):
      "\(path) was written by a version before 0.1.0, which was never released: export its events with that version "
        + "and import them into a new file"
    case .wrongSite(let path, let found, let expected):
      "\(path) holds site \"\(found)\", not \"\(expected)\"; was a file renamed or copied by mistake?"
    case .missing(let path):
      "\(path) does not exist: nothing was stored for this site yet, or bridge.data_dir points elsewhere"
    case .empty(let path):
      "\(path) is empty: it is not a site's file. Put back a backup, or move it away; a new one is made then"
    case .foreign(let path):
      "\(path) is a SQLite database, but no site's file: is bridge.data_dir right? It is left as it is"
    case .cannotCreate(let path, let reason):
      "\(path) cannot be created: \(reason)"
    case .networkFileSystem(let path, let kind):
      "\(path) lies on a network file system (\(kind)); SQLite's locks cannot be trusted there, use a local disk"
    case .exists(let path):
      "\(path) is there already; nothing was overwritten"
    case .damaged(let path, let problem):
      "\(path) is damaged: \(problem)"
    }
  }
}
