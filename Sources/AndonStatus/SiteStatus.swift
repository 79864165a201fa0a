package import AndonStore

/// The current state of one site.
package struct SiteStatus: Sendable {
  package var siteID: String
  package var isConnected = false
  package var sessionPresent = false
  package var lastCommitMs: Int64?
  /// Received − timestamp of the newest event of the last batch, milliseconds.
  package var lagMs: Int64?
  package var health = SiteHealth(nowMs: 0)
  /// Why the site is not running; nil while it is.
  package var trouble: String? { health.reason }
  /// Warnings of coming problems; nil without one.
  package var spaceWarning: String?
  package var certificateWarning: String?
  package var clockWarning: String?
  package var atMostOnceWarning: String?
  /// Cameras that publish their status without the retain flag.
  package var statusWarning: String?
  /// Information that needs no action.
  package var note: String?
  package var warning: String? {
    let words = [
      spaceWarning, certificateWarning, clockWarning, outbox.refusal, damage.warning, atMostOnceWarning,
      statusWarning, notify.warning,
    ].compactMap(\.self)
    return words.isEmpty ? nil : words.joined(separator: "; ")
  }
  /// The newest gaps, newest first: at most `gapLimit` of the site and as many of single cameras.
  package var gaps: [GapRow] = []
  package static let gapLimit = 20
  package var counters = OutcomeCounters()
  /// Fills in what is costly to compute and changes with every commit. `StatusBoard` calls it for each reader.
  package var completion: (@Sendable (inout SiteStatus) -> Void)?
  package var cameras: [CameraRow] = []
  /// The number of alarms by state.
  package var alarmsActive = 0
  package var alarmsPending = 0

  package var outbox = OutboxStatus()
  /// Its receivers outside of MQTT.
  package var notify = NotifyStatus()
  package var retention = RetentionStatus()
  /// Its Sparkplug connection; nil where Sparkplug is off.
  package var sparkplug: ConnectionStatus?
  /// Its own publisher, in a fleet; nil where the bridge publishes for all sites.
  package var publisher: ConnectionStatus?
  /// How its log is shipped; nil where there is no central database.
  package var central: SiteCentralStatus?
  /// Commands and states of Sparkplug hosts that could not be read, since the start.
  package var sparkplugUnreadable: Int64 = 0

  /// What did not match its checksum.
  package var damage = Damage()

  package struct Damage: Sendable {
    /// Damaged summaries and states since the start, and how many of them were repaired.
    package var found: Int64 = 0
    package var repaired: Int64 = 0
    /// When the last one was found; 0 before the first.
    package var lastMs: Int64 = 0
    /// Buckets whose event rows do not match their checksum, as of the last audit.
    package var quarters: [Int64] = []

    package var warning: String? {
      quarters.isEmpty
        ? nil
        : "rows of events in \(quarters.count) quarters of an hour are damaged: check the disk, put back a backup "
          + "(`andon store check` lists them)"
    }
  }

  /// The last audit of summaries against events; nil before the first.
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

  /// Adds the gaps that the cameras' numbers show to those of the file.
  package mutating func add(gapsOf cameras: [CameraRow]) {
    let found = cameras.flatMap(\.sequenceGaps)
    guard !found.isEmpty else { return }
    let ofCameras = (gaps.filter { !$0.cameraID.isEmpty } + found)
      .sorted { ($0.notedAtMs, $0.toMs, $1.cameraID) > ($1.notedAtMs, $1.toMs, $0.cameraID) }
    gaps = (gaps.filter(\.cameraID.isEmpty) + ofCameras.prefix(Self.gapLimit))
      .sorted { $0.notedAtMs > $1.notedAtMs }
  }

  package init(siteID: String) { self.siteID = siteID }
}
