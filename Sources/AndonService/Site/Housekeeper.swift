import AndonCore
import Foundation
import Logging
import Synchronization

/// What the sites' files need besides events, on one thread for all of them: retention in small steps, packing
/// quiet summaries, folding again what was folded with another time-out, and the nightly self-audit.
///
/// It yields to the lanes: after each transaction it rests for four times as long as that took.
final class Housekeeper: Sendable {
  struct Site: Sendable {
    var settings: SiteSettings
    var store: StoreHolder
    /// What `cmd/kpi/recompute` asked for.
    var refolds: RefoldRequests
  }

  private let sites = Mutex<[Site]>([])
  private let bridgeID: String
  private let topics: TopicNames
  private let outgoing: Outgoing
  private let status: StatusBoard
  private let clock: WallClock
  private let monotonic: MonotonicClock
  private let logger: Logger
  private let signal: StopSignal
  private static let roundMs: Int64 = 60_000
  private static let auditPairs = 200
  /// The audit of a night begins at this local time, when plants are quiet.
  private static let auditTimeMs: Int64 = 3 * 3_600_000

  init(
    bridgeID: String, topics: TopicNames, outgoing: Outgoing, status: StatusBoard,
    clock: WallClock, monotonic: MonotonicClock = .system, logger: Logger
  ) throws {
    self.bridgeID = bridgeID
    self.topics = topics
    self.outgoing = outgoing
    self.status = status
    self.clock = clock
    self.monotonic = monotonic
    self.logger = logger
    signal = try StopSignal()
  }

  func stop() { signal.raise() }

  /// Looks after these sites from now on.
  func set(_ sites: [Site]) { self.sites.withLock { $0 = sites } }

  private var current: [Site] { sites.withLock { $0 } }

  /// Blocks its thread until `stop`.
  func run() {
    var auditDueMs: [String: Int64] = [:]
    var retention = RetentionKeeper(
      wallMs: clock.nowMs, monotonicMs: monotonic.nowMs, status: status, logger: logger)
    while !signal.raised {
      pause()
      let sites = current
      retention.forget(allBut: sites.map(\.settings.id))
      auditDueMs = auditDueMs.filter { due in sites.contains { $0.settings.id == due.key } }
      for site in sites where !signal.raised {
        guard let store = site.store.store else { continue }
        let (nowMs, monotonicMs) = (clock.nowMs, monotonic.nowMs)
        retention.look(wallMs: nowMs, monotonicMs: monotonicMs)
        do {
          for range in site.refolds.take() { try refold(range, of: site.settings, store) }
          try step { try store.refoldStaleLeaf(timeoutMs: site.settings.ingest.stateTimeoutMs) }
          // Late events mostly come within half an hour; a pack that is made too early is made again.
          let quietMs = nowMs - 3 * TimelineLeaf.lengthMs
          try step { try store.packLeaf(before: quietMs, timeoutMs: site.settings.ingest.stateTimeoutMs) }
          try retention.work(
            site.settings, store, wallMs: nowMs, monotonicMs: monotonicMs, inSteps: { try step($0) })
          // A date that a clock of the future set is none.
          let due =
            auditDueMs[site.settings.id].flatMap { $0 - nowMs > 2 * 86_400_000 ? nil : $0 }
            ?? Self.nextAudit(of: site.settings, after: nowMs)
          auditDueMs[site.settings.id] = due
          if nowMs >= due {
            auditDueMs[site.settings.id] = Self.nextAudit(of: site.settings, after: nowMs)
            try audit(site.settings, store, nowMs: nowMs)
          }
        } catch {
          // A site that was stopped meanwhile has closed its file.
          guard site.store.store === store else { continue }
          logger.warning(
            "housekeeping failed", metadata: ["site": "\(site.settings.id)", "error": "\(error)"])
        }
      }
    }
  }

  /// Waits for the next round; a request shortens it.
  private func pause() {
    var left = Self.roundMs
    while left > 0, !signal.raised, current.allSatisfy({ $0.refolds.isEmpty }) {
      signal.pause(milliseconds: 1000)
      left -= 1000
    }
  }

  /// Folds the summaries of a range again, a quarter of an hour at a time. What was published and differs from
  /// that goes out again by itself.
  private func refold(_ range: Range<Int64>, of site: SiteSettings, _ store: SiteStore) throws {
    let leaves = try store.leaves(in: range)
    for leafMs in leaves where !signal.raised {
      let start = ContinuousClock.now
      try store.refold(leafMs: leafMs, timeoutMs: site.ingest.stateTimeoutMs)
      signal.pause(milliseconds: max(1, Int64((ContinuousClock.now - start) / .milliseconds(1)) * 4))
    }
    logger.info("summaries folded again", metadata: ["site": "\(site.id)", "leaves": "\(leaves.count)"])
  }

  /// Repeats the step while it says that there is more to do.
  private func step(_ body: () throws -> Bool) throws {
    while !signal.raised {
      let start = ContinuousClock.now
      guard try body() else { return }
      signal.pause(milliseconds: max(5, Int64((ContinuousClock.now - start) / .milliseconds(1)) * 4))
    }
  }

  private func audit(_ site: SiteSettings, _ store: SiteStore, nowMs: Int64) throws {
    var random = SystemRandomNumberGenerator()
    let report = try store.audit(
      pairs: Self.auditPairs, timeoutMs: site.ingest.stateTimeoutMs, using: &random)
    status.update(site.id) { status in
      status.audit = SiteStatus.Audit(
        lastMs: nowMs, pairs: report.pairs, mismatches: report.mismatches.count)
    }
    publish(report, of: site, nowMs: nowMs)
    guard let first = report.mismatches.first else {
      logger.info("self-audit found nothing", metadata: ["site": "\(site.id)", "pairs": "\(report.pairs)"])
      return
    }
    logger.error(
      "summaries differ from events; they are folded again",
      metadata: [
        "site": "\(site.id)", "leaves": "\(report.mismatches.count)", "worker": "\(first.worker)",
        "leaf_ms": "\(first.leafMs)",
      ])
    try store.refold(report.mismatches, timeoutMs: site.ingest.stateTimeoutMs)
  }

  /// The retained alert of the audit: active until a later audit finds nothing.
  private func publish(_ report: AuditReport, of site: SiteSettings, nowMs: Int64) {
    let isActive = !report.mismatches.isEmpty
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
    writer.field(
      "message",
      isActive
        ? "\(report.mismatches.count) summaries differed from their events and were folded again"
        : "summaries equal their events in \(report.pairs) random days")
    outgoing.set(
      .json(
        topics.alert(site: site.id, class: "self_audit", source: bridgeID), writer.end(), schema: "alert/1",
        retain: true))
    outgoing.flush()
  }

  private static func nextAudit(of site: SiteSettings, after nowMs: Int64) -> Int64 {
    let calendar = SiteCalendar(site)
    guard let today = calendar.window(.day, containing: nowMs) else { return .max }
    let due = today.startMs + auditTimeMs
    return due > nowMs ? due : today.endMs + auditTimeMs
  }
}
