import AndonConfiguration
import AndonStore

/// A site whose log is shipped, and how it stands at the central database. For one thread at a time.
final class ShippedSite {
  enum Standing: Equatable {
    /// Not taken over this connection's server yet.
    case untaken
    /// Taken with an epoch, but an answer was lost: the server must say how far it is.
    case unsure(epoch: Int64)
    case holding(epoch: Int64)
    /// Another bridge took it; nil: unknown which.
    case fenced(by: String?)
    /// The file belongs to another central database.
    case foreign
    /// The file keeps the working state, and is not of the history that the server has: it must be restored.
    case stale
  }

  let settings: SiteSettings
  let store: SiteStore
  var standing = Standing.untaken
  /// In a fleet: why nothing of this file is shipped any more.
  var ended: NotShipped?
  /// Rows are shipped one part a site, so that a row that the server refuses is found.
  var isCareful = false
  /// A back-fill takes at most a fifth of the time.
  var backfillNotBeforeMs: Int64 = .min
  /// How many rows a step of a back-fill has.
  var backfillRows = 5000
  /// Why the last step of a back-fill could not be read; nil: it could.
  var backfillTrouble: String?
  /// Where the server was when it was said that it had gone back.
  var regressedTo: Int64?
  var lag = ShipLag()
  /// `SiteStore.logVersion` at the last look at the file's state.
  var observedVersion: Int64 = -1
  /// The same when there was nothing to ship; -1: there was, or may be.
  var quietVersion: Int64 = -1
  /// Parts of the log since the last step of a back-fill.
  var logTurns = 0
  /// After a failure of its file.
  static let pauseMs: Int64 = 1000
  private static let longPauseMs: Int64 = 30_000
  private var notBeforeMs: Int64 = .min

  init(_ settings: SiteSettings, _ store: SiteStore) { (self.settings, self.store) = (settings, store) }

  var epoch: Int64? {
    switch standing {
    case .unsure(let epoch), .holding(let epoch): epoch
    case .untaken, .fenced, .foreign, .stale: nil
    }
  }

  /// Nothing was committed since there was nothing to ship.
  var isQuiet: Bool { quietVersion == store.logVersion }

  func becomeUnsure() {
    if let epoch { standing = .unsure(epoch: epoch) }
  }

  func pause(nowMs: Int64) {
    becomeUnsure()
    notBeforeMs = nowMs + Self.pauseMs
  }

  /// The server cannot take what comes next.
  func pauseLong(nowMs: Int64) { notBeforeMs = nowMs + Self.longPauseMs }

  /// A clock that was set back makes nothing wait for longer than a pause.
  func isPaused(at nowMs: Int64) -> Bool { nowMs < notBeforeMs && notBeforeMs - nowMs <= Self.longPauseMs }

  /// A step of a back-fill was stored.
  func stored(step rows: Int, tookMs: Int64, nowMs: Int64) {
    backfillNotBeforeMs = nowMs + min(60_000, 4 * max(0, tookMs))
    backfillRows = min(5000, backfillRows * 2)
  }

  /// A step could not be read: the log continues meanwhile.
  func backfillFailed(_ error: any Error, nowMs: Int64) {
    backfillTrouble = "\(error)"
    (logTurns, backfillNotBeforeMs) = (0, nowMs + 60_000)
  }

  func mayBackfill(at nowMs: Int64) -> Bool {
    nowMs >= backfillNotBeforeMs || backfillNotBeforeMs - nowMs > 60_000
  }
}
