import AndonConfiguration
import AndonCore
import AndonIngest
import AndonPublish
import AndonRuntime
import AndonStatus
import AndonStore
import Foundation
import Logging
import Synchronization

/// Maintenance of a site's file, on a thread of its own: repair of damage, retention in small steps,
/// compaction of quiet buckets, recomputing summaries with another time-out, and the nightly audit.
///
/// It yields to the ingest loop: after each transaction it rests four times as long as that took. A site
/// whose disk hangs does not affect other sites.
final class MaintenanceService: Sendable {
  private let site: SiteSettings
  private let store: StoreReference
  /// Ranges that `cmd/kpi/recompute` asked for.
  private let recomputes: RecomputeQueue
  private let bridgeID: String
  private let topics: TopicNames
  private let publishQueue: PublishQueue
  private let status: StatusBoard
  private let clock: WallClock
  private let monotonic: MonotonicClock
  private let logger: Logger
  private let signal: StopSignal
  private let roundMs: Int64
  private static let auditPairs = 200
  /// A larger file is not rewritten after an erasure: commits would wait too long.
  private static let sweptBytes: Int64 = 1 << 30
  /// The nightly audit begins at this local time, when plants are quiet, or up to an hour later: the site's
  /// name decides, so that sites do not start together.
  private static let auditTimeMs: Int64 = 3 * 3_600_000
  private static let auditSpreadMs: Int64 = 3_600_000
  /// Every event row is compared with its checksum once in this many nights.
  static let auditNights: Int64 = 30

  /// The state that is kept from round to round.
  private struct Round {
    var auditDueMs: Int64?
    /// The file that was scanned since it was opened.
    weak var scanned: SiteStore?
    /// The last failure: logged once, not every minute.
    var failure: String?
    var retention: RetentionKeeper
  }

  init(
    site: SiteSettings, store: StoreReference, recomputes: RecomputeQueue, bridgeID: String,
    topics: TopicNames,
    publishQueue: PublishQueue, status: StatusBoard, clock: WallClock, monotonic: MonotonicClock = .system,
    logger: Logger, roundMs: Int64 = 60_000
  ) throws {
    self.site = site
    self.store = store
    self.recomputes = recomputes
    self.bridgeID = bridgeID
    self.topics = topics
    self.publishQueue = publishQueue
    self.status = status
    self.clock = clock
    self.monotonic = monotonic
    self.logger = logger
    self.roundMs = roundMs
    signal = StopSignal()
  }

  func stop() { signal.raise() }

  /// Blocks its thread until `stop`.
  func run() {
    var round = Round(
      retention: RetentionKeeper(
        wallMs: clock.nowMs, monotonicMs: monotonic.nowMs, status: status, logger: logger))
    while !signal.raised {
      pause(round)
      guard !signal.raised, let open = store.store else { continue }
      do {
        try maintain(open, &round)
        round.failure = nil
      } catch {
        // A site that was stopped meanwhile has closed its file.
        guard store.store === open, round.failure != "\(error)" else { continue }
        round.failure = "\(error)"
        logger.warning(
          "maintenance failed; it is tried again every minute",
          metadata: ["site": "\(site.id)", "file": "\(open.path)", "error": "\(error)"])
      }
    }
  }

  private func maintain(_ store: SiteStore, _ round: inout Round) throws {
    let (nowMs, monotonicMs) = (clock.nowMs, monotonic.nowMs)
    round.retention.check(wallMs: nowMs, monotonicMs: monotonicMs)
    let timeoutMs = site.ingest.stateTimeoutMs
    try scan(store, &round)
    try repair(store, nowMs: nowMs)
    for range in recomputes.dequeue() { try recompute(range, store) }
    _ = try store.sweep(largestBytes: Self.sweptBytes, nowMs: nowMs)
    try step { try store.recomputeStaleBucket(timeoutMs: timeoutMs) }
    // Late events mostly arrive within half an hour; a bucket that was compacted too early is compacted
    // again.
    let quietMs = nowMs - 3 * SummaryBucket.lengthMs
    try step { try store.compactBucket(before: quietMs, timeoutMs: timeoutMs) }
    try round.retention.work(
      site, store, wallMs: nowMs, monotonicMs: monotonicMs, inSteps: { try step($0) })
    // A date that was computed with a clock in the future does not count.
    let due = round.auditDueMs.flatMap { $0 - nowMs > 2 * 86_400_000 ? nil : $0 } ?? nextAudit(after: nowMs)
    round.auditDueMs = due
    guard nowMs >= due else { return }
    round.auditDueMs = nextAudit(after: nowMs)
    round.scanned = nil
    try audit(store, nowMs: nowMs)
  }

  /// Waits for the next round; a request, damage or a newly opened file ends the wait.
  private func pause(_ round: Round) {
    var left = roundMs
    while left > 0, !signal.raised, recomputes.isEmpty {
      let open = store.store
      if let open, open.damage.hasFresh || round.scanned !== open || open.isSweepDue { return }
      signal.pause(milliseconds: min(left, 1000))
      left -= 1000
    }
  }

  // MARK: Damage

  /// Reads all summaries once after the file was opened, and once a night, in small steps.
  private func scan(_ store: SiteStore, _ round: inout Round) throws {
    guard round.scanned !== store else { return }
    var beforeMs: Int64? = .max
    try step {
      guard let before = beforeMs else { return false }
      beforeMs = try store.scanSummaries(before: before, count: 200)
      return true
    }
    let wrong = try store.repairIndexes()
    if wrong > 0 {
      logger.error(
        "the lists of quarters of an hour and first states differed from the events; put right",
        metadata: ["site": "\(site.id)", "file": "\(store.path)", "entries": "\(wrong)"])
    }
    if !signal.raised { round.scanned = store }
  }

  /// Logs new damage once and repairs it from the events.
  private func repair(_ store: SiteStore, nowMs: Int64) throws {
    let parts = store.damage.dequeueNew()
    if let first = parts.first {
      logger.error(
        """
        stored summaries or states are damaged; they are computed again from the events, figures stay right. \
        Check the disk, and the rows with `andon store check`
        """,
        metadata: [
          "site": "\(site.id)", "file": "\(store.path)", "parts": "\(parts.count)", "first": "\(first.words)",
        ])
    }
    for part in parts where !signal.raised {
      try step {
        try store.repair(part, timeoutMs: site.ingest.stateTimeoutMs)
        return false
      }
    }
    let counts = store.damage.counts
    status.update(site.id) { status in
      guard status.damage.found != counts.found || status.damage.repaired != counts.repaired else { return }
      if status.damage.found != counts.found { status.damage.lastMs = nowMs }
      (status.damage.found, status.damage.repaired) = (counts.found, counts.repaired)
    }
  }

  /// Recomputes the summaries of a range, bucket by bucket. Published records that differ are published again
  /// by the KPI publisher.
  private func recompute(_ range: Range<Int64>, _ store: SiteStore) throws {
    let buckets = try store.buckets(in: range)
    for bucketMs in buckets where !signal.raised {
      let start = ContinuousClock.now
      try store.recompute(bucketMs: bucketMs, timeoutMs: site.ingest.stateTimeoutMs)
      signal.pause(milliseconds: max(1, Int64((ContinuousClock.now - start) / .milliseconds(1)) * 4))
    }
    logger.info("summaries recomputed", metadata: ["site": "\(site.id)", "buckets": "\(buckets.count)"])
  }

  /// Repeats the step while it returns true.
  private func step(_ body: () throws -> Bool) throws {
    while !signal.raised {
      let start = ContinuousClock.now
      guard try body() else { return }
      signal.pause(milliseconds: max(5, Int64((ContinuousClock.now - start) / .milliseconds(1)) * 4))
    }
  }

  // MARK: Audit

  private func audit(_ store: SiteStore, nowMs: Int64) throws {
    let damagedRows = try auditRows(store, nowMs: nowMs)
    var random = SystemRandomNumberGenerator()
    let timeoutMs = site.ingest.stateTimeoutMs
    let report = try store.audit(pairs: Self.auditPairs, timeoutMs: timeoutMs, using: &random)
    status.update(site.id) { status in
      status.audit = SiteStatus.Audit(
        lastMs: nowMs, pairs: report.pairs, mismatches: report.mismatches.count)
      status.damage.quarters = damagedRows
    }
    publish(report, damagedRows: damagedRows, nowMs: nowMs)
    guard let first = report.mismatches.first else {
      logger.info("self-audit found nothing", metadata: ["site": "\(site.id)", "pairs": "\(report.pairs)"])
      return
    }
    // Where the event rows are damaged, the summary is the better record.
    let mendable = try report.mismatches.filter { try store.rowsAreSound(bucketMs: $0.bucketMs) }
    logger.error(
      "summaries differ from events; they are recomputed where the events are sound",
      metadata: [
        "site": "\(site.id)", "buckets": "\(report.mismatches.count)", "recomputed": "\(mendable.count)",
        "worker": "\(first.worker)", "bucket_ms": "\(first.bucketMs)",
      ])
    try store.recompute(mendable, timeoutMs: timeoutMs)
  }

  /// Compares event rows with their checksums: all of the last three days, and the part of the older days
  /// that is due tonight (all in `auditNights` nights). Returns the damaged buckets.
  private func auditRows(_ store: SiteStore, nowMs: Int64) throws -> [Int64] {
    guard let quarters = try store.eventQuarters() else { return [] }
    let dayMs: Int64 = 86_400_000
    let tonight = nowMs.flooredDivision(by: dayMs) % Self.auditNights
    var damaged: [Int64] = []
    var dayStart = quarters.lowerBound.flooredDivision(by: dayMs) * dayMs
    try step {
      guard dayStart <= quarters.upperBound else { return false }
      let isDue =
        dayStart > nowMs - 3 * dayMs || dayStart.flooredDivision(by: dayMs) % Self.auditNights == tonight
      if isDue { damaged += try store.damagedQuarters(fromMs: dayStart, toMs: dayStart + dayMs) }
      dayStart += dayMs
      return true
    }
    if let first = damaged.first {
      logger.error(
        """
        rows of events are damaged: they are not what was stored. Copy the file, check the disk, put back a backup \
        from before the damage, or keep the figures as they are; `andon store check` lists the quarters of an hour
        """,
        metadata: [
          "site": "\(site.id)", "file": "\(store.path)", "quarters": "\(damaged.count)",
          "first": "\(CivilTime.text(epochMs: first))",
        ])
    }
    return damaged
  }

  /// The retained alarm of the audit: active until a later audit finds nothing.
  private func publish(_ report: AuditReport, damagedRows: [Int64], nowMs: Int64) {
    let isActive = !report.mismatches.isEmpty || !damagedRows.isEmpty
    var writer = JSONWriter()
    writer.field("timestamp_ms", nowMs)
    writer.field("ts", CivilTime.text(epochMs: nowMs))
    writer.field("site_id", site.id)
    writer.field("alert_id", "\(site.id)/self_audit/\(bridgeID)")
    writer.field("class", "self_audit")
    writer.field("source_id", bridgeID)
    writer.field("state", isActive ? "unack_active" : "normal")
    writer.field("active", isActive)
    writer.field("mismatches", report.mismatches.count)
    writer.field("pairs", report.pairs)
    writer.field("damaged_quarters", damagedRows.count)
    writer.field(
      "message",
      !damagedRows.isEmpty
        ? "rows of events in \(damagedRows.count) quarters of an hour are not what was stored: check the disk, put "
          + "back a backup; `andon store check` lists them"
        : isActive
          ? "\(report.mismatches.count) summaries differed from their events and were recomputed"
          : "summaries equal their events in \(report.pairs) random days")
    publishQueue.set(
      .json(
        topics.alert(site: site.id, class: "self_audit", source: bridgeID), writer.end(), schema: "alert/1",
        retain: true))
    publishQueue.flush()
  }

  private func nextAudit(after nowMs: Int64) -> Int64 {
    let calendar = SiteCalendar(site)
    guard let today = calendar.window(.day, containing: nowMs) else { return .max }
    let turn = Int64(FNV1a(Array(site.id.utf8)).value % UInt64(Self.auditSpreadMs))
    let due = today.startMs + Self.auditTimeMs + turn
    return due > nowMs ? due : today.endMs + Self.auditTimeMs + turn
  }
}
