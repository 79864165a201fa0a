package import AndonStore

/// What one site says of itself at this moment.
package struct SiteStatus: Sendable {
  package var siteID: String
  package var isConnected = false
  package var sessionPresent = false
  package var lastCommitMs: Int64?
  /// Received − timestamp of the newest event of the last batch, milliseconds.
  package var lagMs: Int64?
  package var health = SiteHealth(nowMs: 0)
  /// Why the site is not running, in words; nil while it is.
  package var trouble: String? { health.reason }
  /// What is going to be trouble, in words; nil while nothing is.
  package var spaceWarning: String?
  package var certificateWarning: String?
  package var clockWarning: String?
  package var atMostOnceWarning: String?
  /// What nobody has to mend but should know, in words.
  package var note: String?
  package var warning: String? {
    let words = [
      spaceWarning, certificateWarning, clockWarning, outbox.refusal, damage.warning, atMostOnceWarning,
    ].compactMap(\.self)
    return words.isEmpty ? nil : words.joined(separator: "; ")
  }
  /// The gaps noted last, newest first; at most `gapLimit` of the site and as many of single cameras.
  package var gaps: [GapRow] = []
  package static let gapLimit = 20
  package var counters = OutcomeCounters()
  package var cameras: [CameraRow] = []
  /// Alerts by state.
  package var alertsActive = 0
  package var alertsPending = 0

  package var outbox = OutboxStatus()
  package var retention = RetentionStatus()
  /// Its Sparkplug connection; nil where Sparkplug is off.
  package var sparkplug: ConnectionStatus?
  /// Commands and states of Sparkplug hosts that could not be read, since the start.
  package var sparkplugUnreadable: Int64 = 0

  /// What did not match its checksum.
  package var damage = Damage()

  package struct Damage: Sendable {
    /// Summaries and states since the start, and those of them that were written again.
    package var found: Int64 = 0
    package var repaired: Int64 = 0
    /// When the last of them was found; 0 before the first.
    package var lastMs: Int64 = 0
    /// Quarters of an hour whose rows of events are not what was stored, as of the last audit.
    package var quarters: [Int64] = []

    package var warning: String? {
      quarters.isEmpty
        ? nil
        : "rows of events in \(quarters.count) quarters of an hour are damaged: check the disk, put back a backup "
          + "(`andon store check` lists them)"
    }
  }

  /// The last self-audit of summaries against events; nil before the first.
  package var audit: Audit?

  package struct Audit: Sendable {
    package var lastMs: Int64
    package var pairs: Int
    package var mismatches: Int

    package init(lastMs: Int64, pairs: Int, mismatches: Int) {
      self.lastMs = lastMs
      self.pairs = pairs
      self.mismatches = mismatches
    }
  }

  package init(siteID: String) { self.siteID = siteID }
}
