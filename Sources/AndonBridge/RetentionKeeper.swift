import AndonConfiguration
import AndonCore
import AndonIngest
import AndonStatus
import AndonStore
import Logging

/// Applies retention to sites' files: checks each file every 15 min, deletes what is due, and reports what it
/// did and why it did not.
struct RetentionKeeper {
  private struct SiteFile {
    var store: SiteStore
    var retentionMs: Int64
    var rule: RetentionGuard
    var lookedMs: Int64
    var seenSteps: Int
  }

  private var entries: [String: SiteFile] = [:]
  private var watch: ClockStepDetector
  private var steps = 0
  private var lastStep = ""
  private let status: StatusBoard
  private let logger: Logger
  /// How often a file is checked: cut-offs are bucket edges.
  static let intervalMs = SummaryBucket.lengthMs
  /// So often in a row a step may be in vain, because old events come in; the next check continues.
  private static let obsoleteLimit = 10

  init(wallMs: Int64, monotonicMs: Int64, status: StatusBoard, logger: Logger) {
    watch = ClockStepDetector(wallMs: wallMs, monotonicMs: monotonicMs)
    self.status = status
    self.logger = logger
  }

  /// Call it at the start of each round, before anything is decided by this clock reading.
  mutating func check(wallMs: Int64, monotonicMs: Int64) {
    guard let step = watch.step(wallMs: wallMs, monotonicMs: monotonicMs) else { return }
    steps += 1
    lastStep = "the clock stepped by \((step.toMs - step.fromMs) / 1000) s"
  }

  /// Deletes in steps what is due in this file.
  ///
  /// - Parameters:
  ///   - wallMs, monotonicMs: The readings that `look` was given.
  ///   - inSteps: Repeats the step while it returns true, and rests in between.
  mutating func work(
    _ site: SiteSettings, _ store: SiteStore, wallMs: Int64, monotonicMs: Int64,
    inSteps: (() throws -> Bool) throws -> Void
  ) throws {
    var entry: SiteFile
    if let known = entries[site.id], known.store === store {
      let isDue =
        monotonicMs - known.lookedMs >= Self.intervalMs || known.seenSteps != steps
        || known.retentionMs != site.retention.eventsMs
      guard isDue else { return }
      entry = known
    } else {
      entry = SiteFile(
        store: store, retentionMs: site.retention.eventsMs,
        rule: RetentionGuard(mark: try store.retentionMark()),
        lookedMs: monotonicMs, seenSteps: steps)
      // The last commit may have been made by the same wrong clock: only the events are independent of it.
      if let doubt = try RetentionDoubt.words(store, nowMs: wallMs) { hold(&entry, site, doubt) }
    }
    let hasEnded = entry.rule.pass(milliseconds: monotonicMs - entry.lookedMs)
    entry.lookedMs = monotonicMs
    entry.retentionMs = site.retention.eventsMs
    if entry.seenSteps != steps {
      entry.seenSteps = steps
      hold(&entry, site, lastStep)
    }
    if hasEnded, !entry.rule.isHeld {
      logger.notice("retention goes on", metadata: ["site": "\(site.id)"])
    }
    let cutoffMs = entry.rule.cutoff(
      clockMs: wallMs, newestMs: try store.newestEventMs(besides: RetentionDoubt.disregardedEvents),
      oldestMs: try store.oldestEventMs(), retentionMs: site.retention.eventsMs)
    entries[site.id] = entry
    report(entry, site)
    // Before the first deletion: after a crash the file still knows how far deletion may have gone.
    if try store.retentionMark() != entry.rule.kept { try store.save(entry.rule.kept) }
    guard let cutoffMs else { return }
    var deleted = 0
    defer { if deleted > 0 { report(deleted: deleted, before: cutoffMs, of: site, wallMs) } }
    let rule = site.retention.keepsFinals ? FinalRule(site, presentMs: entry.rule.mark.referenceMs) : nil
    var obsolete = 0
    try inSteps {
      let step = try store.pruneStep(before: cutoffMs, keeping: rule)
      deleted += step.deleted
      obsolete = step.isObsolete ? obsolete + 1 : 0
      return !step.isDone && obsolete < Self.obsoleteLimit
    }
    let cutoffs = RecordCutoffs(site.retention, presentMs: entry.rule.mark.referenceMs)
    try inSteps { try store.pruneRecords(before: cutoffs) > 0 }
  }

  private func hold(_ entry: inout SiteFile, _ site: SiteSettings, _ reason: String) {
    guard entry.rule.hold(reason) else { return }
    logger.warning(
      "retention is held for a day of running: nothing is deleted",
      metadata: ["site": "\(site.id)", "reason": "\(reason)", "remedy": "see that the clock is right (NTP)"])
  }

  private func report(_ entry: SiteFile, _ site: SiteSettings) {
    let mark = entry.rule.mark
    status.update(site.id) { status in
      status.retention.heldForMs = mark.heldForMs
      status.retention.reason = mark.reason
      if mark.referenceMs > .min {
        status.retention.cutoffMs = SummaryBucket.start(of: mark.referenceMs - site.retention.eventsMs)
      }
    }
  }

  private func report(deleted rows: Int, before cutoffMs: Int64, of site: SiteSettings, _ wallMs: Int64) {
    status.update(site.id) { status in
      status.retention.deleted += Int64(rows)
      status.retention.lastDeletedAtMs = wallMs
    }
    logger.notice(
      "retention deleted events",
      metadata: [
        "site": "\(site.id)", "rows": "\(rows)", "before": "\(CivilTime.text(epochMs: cutoffMs))",
      ])
  }
}
