package import AndonCore
package import AndonStore

extension SiteEngine {
  /// What one applied batch means to those who publish, show and log it.
  package struct Update: Sendable {
    package var counters = OutcomeCounters()
    /// The number of the commit.
    package var sequence: Int64 = 0
    package var rejections: [(camera: String, rejection: Rejection)] = []
    package var driftedKeys: Set<DriftKey> = []
    /// The earliest quarter of an hour whose summaries were written; nil when none were.
    package var earliestBucketMs: Int64?
    /// Alarms whose retained topic is to be published.
    package var changedAlarms: Set<AlarmKey> = []
    /// Rows that were added to the outbox, and those that were dropped to make room.
    package var outboxRows = 0
    package var outboxDropped = 0
    /// The same for receivers outside of MQTT.
    package var notifications = StoreTransaction.NotifyCount()
    /// Cameras that went out of service, or (nil) are back.
    package var service: [String: OutOfService?] = [:]
    /// Stops were told: retained topics of workstations are due.
    package var hasToldStops = false
    package var answers: [CommandProcessor.Answer] = []
    /// The newest event time among the stored ones.
    package var newestTimestampMs: Int64?
    package var gaps: [GapRow] = []
    /// Cameras that began to send with QoS 0.
    package var atMostOnce: [String] = []
    /// What the events say of the bridge's clock, while that is not trusted.
    package var clockEvidence = ClockEvidence()
    /// The outcomes of the batch's first few entries and of those that came over HTTP, by index.
    package var outcomes: [Int: ItemOutcome] = [:]
    /// A few events of the batch, for the event stream.
    package var samples: [EventSample] = []

    mutating func add(_ told: SiteEngine.Update) {
      outboxRows += told.outboxRows
      outboxDropped += told.outboxDropped
      hasToldStops = hasToldStops || told.hasToldStops
    }

    mutating func add(_ written: SiteAlarms.Written) {
      changedAlarms.formUnion(written.changed)
      outboxRows += written.rows
      outboxDropped += written.dropped
      notifications += written.notifications
      service.merge(written.service) { $1 }
    }
  }
}

extension ChangeLog {
  /// Call it before the commit: a reader that sees the figures must also see that something changed.
  func record(_ update: SiteEngine.Update) {
    guard let bucketMs = update.earliestBucketMs else { return }
    record(sequence: update.sequence, earliestBucketMs: bucketMs)
  }
}
