/// A commit is in the file, and the central database is not known to have it: nothing may leave the bridge because of it.
package enum NotShipped: Error, Sendable, Equatable, CustomStringConvertible {
  /// No answer within this time.
  case late(seconds: Int)
  /// Another bridge holds the site; nil: it is not known which.
  case fenced(by: String?)
  /// The file is not the newest one of the site.
  case stale
  /// The central database lost what it had confirmed: a person decides what holds.
  case regressed
  /// The central database has not said that this bridge still holds the site.
  case unconfirmed

  package var description: String {
    switch self {
    case .late(let seconds):
      "the central database has not confirmed a commit within \(seconds) s: nothing is acknowledged"
    case .fenced(let bridge): "another bridge holds this site: \(bridge ?? "unknown which")"
    case .stale: "this file is older than what the central database has of the site"
    case .regressed:
      "the central database went back to an older state than it had confirmed: the site waits for a person"
    case .unconfirmed: "the central database has not confirmed that this bridge still holds the site"
    }
  }
}
