/// Why a site's file cannot be restored, with what a person can do. Nothing is left of the attempt.
package enum RestoreError: Error, CustomStringConvertible, Equatable {
  case unknownSite
  /// The log does not keep the state, or did not ship it yet.
  case noBase
  /// The base is of a later commit than the site's head.
  case baseAhead
  case newerBase(migration: String)
  case damagedBase
  /// The patch of a commit is not what was written, or one before it is missing.
  case damagedPatch(seq: Int64)
  /// The patch of a commit was left out, and its base is not there.
  case leftOut(seq: Int64)
  /// There are no patches up to the head.
  case missingPatches(from: Int64, to: Int64)
  case ledger(counter: String, file: Int64, head: Int64)
  case unsound(String)
  /// The file that is there has more than the central database, which once had all of it.
  case behind(file: Int64, head: Int64)

  package var description: String {
    switch self {
    case .unknownSite: "the central database does not know this site"
    case .noBase:
      "the central database has no working state of this site: its bridge must run with central.mode: fleet"
    case .baseAhead: "the base at the central database is newer than the site's position there"
    case .newerBase(let migration):
      "the working state was written by a newer Andon (it has \"\(migration)\"); use that version or newer"
    case .damagedBase:
      "the base at the central database is not what was written; restore that database from a backup"
    case .damagedPatch(let seq):
      "the patch of commit \(seq) at the central database is not what was written, or one before it is missing"
    case .leftOut(let seq):
      "the patch of commit \(seq) was left out, and the bridge ended before it sent a base: only the site's own file "
        + "has that state"
    case .missingPatches(let from, let to):
      "the central database lacks the patches of the commits \(from) to \(to)"
    case .ledger(let counter, let file, let head):
      "the counter \(counter) is \(file) in the restored file and \(head) at the central database"
    case .behind(let file, let head):
      "the central database is at commit \(head), and had confirmed commit \(file) of the file that is here: it was set back "
        + "to an older state; the file stays, and a person decides"
    case .unsound(let problem): "the restored file is not sound: \(problem)"
    }
  }
}
