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
  /// When each workstation was seen last.
  private(set) var stations: [Int32: Int64] = [:]
  /// Nil while no final records are kept.
  private(set) var range: Range<Int64>?
  private(set) var finals: [FinalWindow: [KPIScope: [KPIRecord]]] = [:]
  /// The state of the file that this was read from.
  private(set) var sequence: Int64
  private(set) var planChanges = PlanChanges()
  /// The newest reason of a stop.
  private(set) var lastReason: Int64 = 0
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
    lastReason = try SiteStore.newReasons(after: 0, db).newest
    cutoffMs = max(fromMs, min(cutoffMs, fromMs + Self.spanMs))
    let calendars = SiteCalendars(rule.site).changed(by: planChanges)
    // The first time, those of the same shift that ended before the first event, too: they have stops.
    let shiftMs =
      known == nil ? calendars.shiftStartMs(endingAfter: fromMs, beginningBefore: fromMs + 1) : nil
    let all = WindowKind.allCases.flatMap { kind in
      calendars.windows(
        kind, endingAfter: shiftMs ?? fromMs, upTo: cutoffMs + 3 * CivilTime.millisecondsPerDay
      ).joined()
    }
    // The first time, windows that began before the first event, too.
    let new = all.filter { known == nil || fromMs <= $0.window.startMs }
    let open = Set(new.filter { calendars.stopsEndMs($0.window) > rule.settledMs })
    var (windows, following) = Self.losing(cutoffMs, new)
    while fromMs < cutoffMs, let openMs = Self.start(windows, following, open), openMs < cutoffMs {
      cutoffMs = max(fromMs, min(cutoffMs, SummaryBucket.start(of: openMs)))
      (windows, following) = Self.losing(cutoffMs, new)
    }
    guard cutoffMs > fromMs || !windows.contains(where: open.contains) else {
      range = known
      return
    }
    range = (known?.lowerBound ?? fromMs)..<cutoffMs
    var reading = try StopReading(rule.site, calendars, db, path: store.path, store.damage)
    for window in windows + following where try !isKept(window, db) {
      reachMs = max(reachMs, window.window.endMs)
      try add(window, rule, store, &reading)
    }
  }

  /// The windows that lose events, and those after the cut-off that lose their stops: their shift loses events.
  private static func losing(
    _ cutoffMs: Int64, _ windows: [SiteWindow]
  ) -> (windows: [SiteWindow], following: [SiteWindow]) {
    let losing = windows.filter { $0.window.startMs < cutoffMs }
    let cut = losing.filter { $0.window.kind == .shift && cutoffMs < $0.window.endMs }.map(\.window.endMs)
      .max()
    return (losing, windows.filter { cutoffMs <= $0.window.startMs && $0.window.startMs < cut ?? .min })
  }

  /// The start of the first window, or of the shift that the following ones need, that may still change.
  private static func start(
    _ windows: [SiteWindow], _ following: [SiteWindow], _ open: Set<SiteWindow>
  ) -> Int64? {
    let own = windows.filter(open.contains).map(\.window.startMs)
    guard let first = following.filter(open.contains).map(\.window.startMs).min() else { return own.min() }
    let cut = windows.filter { $0.window.kind == .shift && first < $0.window.endMs }.map(\.window.startMs)
    return (own + cut).min()
  }

  /// Whether final records of a window were kept before: those stay as they are.
  private func isKept(_ window: SiteWindow, _ db: Database) throws -> Bool {
    guard let kind = window.window.kind, try db.tableExists("final_figures") else { return false }
    let key = FinalWindow(kind: kind, window.window)
    return try Bool.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT EXISTS (SELECT 1 FROM final_figures
            WHERE window_kind = ? AND start_ms = ? AND end_ms = ? AND shift_id = ?)
          """), arguments: [kind.rawValue, key.startMs, key.endMs, key.shiftID]) ?? false
  }

  private mutating func add(
    _ window: SiteWindow, _ rule: FinalRule, _ store: SiteStore, _ reading: inout StopReading
  ) throws {
    let scopes = rule.scopes(of: window.window)
    guard !scopes.isEmpty, let kind = window.window.kind else { return }
    var reader = WindowReader(
      siteID: rule.site.id, timeoutMs: rule.site.ingest.stateTimeoutMs, damage: store.damage, scopes: scopes)
    // Whether they are withheld is decided when they are read.
    reader.countsWorkers = true
    var stops: [String: StopTotals]?
    do {
      stops = try StopQuery(site: rule.site).totals(in: window.window, &reading, nowMs: rule.presentMs)
    } catch is FiguresGone {
      // Of a shift that an earlier version cut, stops are not known.
    }
    let records = try reader.read(window, nowMs: window.window.endMs, from: nil, reading.db).aggregate
      .records(
        nowMs: window.window.endMs, offlineCameras: [], stops: stops, names: NameTexts(reading.db).text)
    // A shift of a line may have the span and name of the site's.
    for (scope, records) in Dictionary(grouping: records, by: \.scope) {
      finals[FinalWindow(kind: kind, window.window), default: [:]][scope, default: []] += records
    }
  }

  // MARK: States

  /// Computes what the deleted events say of each worker and workstation.
  private mutating func carry(_ db: Database) throws {
    let transaction = StoreTransaction(reading: db)
    var states: [Int32: CarriedState] = [:]
    for bucketMs in buckets {
      for (worker, events) in try transaction.scannedEvents(bucketMs: bucketMs) {
        for event in events.entries where event.isAccepted {
          stations[event.workstation] = max(
            stations[event.workstation] ?? .min, bucketMs + Int64(event.offset))
        }
        guard worker != 0 else { continue }
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
