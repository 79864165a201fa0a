import AndonConfiguration
import AndonCore
import GRDB

/// What one step of retention deletes and keeps, read before the transaction that does it: the ingest loop waits for
/// that transaction only.
struct PrunePlan {
  /// The end of what is deleted, a bucket edge.
  private(set) var cutoffMs: Int64
  private(set) var buckets: [Int64] = []
  private(set) var carried: [CarriedState] = []
  /// Nil while no final records are kept.
  private(set) var range: Range<Int64>?
  private(set) var finals: [FinalWindow: [KPIScope: [KPIRecord]]] = [:]
  /// The state of the file that this was read from.
  private(set) var sequence: Int64
  private(set) var planChanges = PlanChanges()
  /// Commits before this time make the plan obsolete.
  private(set) var reachMs: Int64

  /// About how many events one step deletes.
  private static let rows: Int64 = 5000
  /// A step covers at most so much time: about sixty windows.
  private static let spanMs = 2 * CivilTime.millisecondsPerDay

  /// Nil when nothing is left before `cutoffMs`, or nothing may be deleted yet.
  init?(before cutoffMs: Int64, _ rule: FinalRule?, _ store: SiteStore, _ db: Database) throws {
    self.cutoffMs = cutoffMs
    reachMs = cutoffMs
    sequence = try SiteStore.sequence(db)
    let all = try Set(
      SiteStore.eventBuckets(fromMs: .min, toMs: cutoffMs, db) + Self.orphans(before: cutoffMs, db)
    ).sorted()
    guard let first = all.first else { return nil }
    self.cutoffMs = try Self.end(all, db)
    if let rule { try addFinals(rule, firstMs: first, store, db) }
    buckets = all.filter { $0 < self.cutoffMs }
    reachMs = max(reachMs, self.cutoffMs)
    let isAdvance = try range != nil && StoreTransaction(reading: db).finalRange() != range
    guard !buckets.isEmpty || isAdvance else { return nil }
    try carry(db)
  }

  /// Buckets that a damaged file has something of, but no rows.
  private static func orphans(before cutoffMs: Int64, _ db: Database) throws -> [Int64] {
    try Int64.fetchAll(
      db,
      sql: """
        SELECT bucket_ms FROM summary_bucket WHERE bucket_ms < ?1 UNION
        SELECT bucket_ms FROM compacted_bucket WHERE bucket_ms < ?1
        """, arguments: [cutoffMs])
  }

  /// The end of the first buckets that have so many rows, at least of one.
  private static func end(_ buckets: [Int64], _ db: Database) throws -> Int64 {
    var rows: Int64 = 0
    var endMs = Int64.min
    for bucketMs in buckets where rows < Self.rows {
      rows +=
        try Int64.fetchOne(
          db.cachedStatement(sql: "SELECT events FROM event_checksum WHERE bucket_ms = ?"),
          arguments: [bucketMs]) ?? 0
      endMs = bucketMs + SummaryBucket.lengthMs
    }
    return endMs
  }

  // MARK: Final records

  /// Adds the records of all windows that lose events, and lowers the cut-off to the windows that may still change.
  private mutating func addFinals(
    _ rule: FinalRule, firstMs: Int64, _ store: SiteStore, _ db: Database
  ) throws {
    let known = try StoreTransaction(reading: db).finalRange()
    let fromMs = known?.upperBound ?? firstMs
    planChanges = try SiteStore.planChanges(db)
    cutoffMs = max(fromMs, min(cutoffMs, fromMs + Self.spanMs))
    let calendars = SiteCalendars(rule.site).changed(by: planChanges)
    let all = WindowKind.allCases.flatMap { kind in
      calendars.windows(kind, endingAfter: fromMs, upTo: cutoffMs + 2 * CivilTime.millisecondsPerDay).joined()
    }
    // The first time, windows that began before the first event, too.
    var windows = all.filter { (known == nil || fromMs <= $0.window.startMs) && $0.window.startMs < cutoffMs }
    let openMs = windows.filter { $0.window.endMs > rule.settledMs }.map(\.window.startMs).min()
    if let openMs { cutoffMs = max(fromMs, min(cutoffMs, SummaryBucket.start(of: openMs))) }
    windows.removeAll { $0.window.startMs >= cutoffMs }
    range = (known?.lowerBound ?? fromMs)..<cutoffMs
    for window in windows {
      reachMs = max(reachMs, window.window.endMs)
      try add(window, rule, store, db)
    }
  }

  private mutating func add(
    _ window: SiteWindow, _ rule: FinalRule, _ store: SiteStore, _ db: Database
  ) throws {
    let scopes = rule.scopes(of: window.window)
    guard !scopes.isEmpty, let kind = window.window.kind else { return }
    var reader = WindowReader(
      siteID: rule.site.id, timeoutMs: rule.site.ingest.stateTimeoutMs, damage: store.damage, scopes: scopes)
    // Whether they are withheld is decided when they are read.
    reader.countsWorkers = true
    let records = try reader.read(window, nowMs: window.window.endMs, from: nil, db).aggregate
      .records(nowMs: window.window.endMs, offlineCameras: [], names: NameTexts(db).text)
    // A shift of a line may have the span and name of the site's.
    for (scope, records) in Dictionary(grouping: records, by: \.scope) {
      finals[FinalWindow(kind: kind, window.window), default: [:]][scope, default: []] += records
    }
  }

  // MARK: States

  /// Computes what the deleted events say of each worker.
  private mutating func carry(_ db: Database) throws {
    let transaction = StoreTransaction(reading: db)
    var states: [Int32: CarriedState] = [:]
    for bucketMs in buckets {
      for (worker, events) in try transaction.scannedEvents(bucketMs: bucketMs) where worker != 0 {
        guard events.entries.contains(where: \.isAccepted) else { continue }
        var state =
          try states[worker] ?? transaction.carriedState(worker: worker)
          ?? CarriedState(worker: worker, lastMs: .min, camera: 0)
        state.add(events, bucketMs: bucketMs)
        states[worker] = state
      }
    }
    carried = states.values.sorted { $0.worker < $1.worker }
  }
}
