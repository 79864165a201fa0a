import AndonCore
import GRDB

/// Reads what workstations did, from the summaries of workers: where those are not complete or damaged, and for the first
/// events of a workstation, from the lists or rows of one bucket.
///
/// O(buckets × workers), and O(events) only of the buckets in which a workstation is seen for the first time.
struct StationReader {
  private let timeoutMs: Int64
  private let db: Database
  private let damage: DamageLog
  private let rows: WorkerRows
  private let names: NameTexts
  /// Buckets whose summaries do not have all of their events.
  private let pending: Set<Int64>
  /// What was read of buckets, for this reader and the next one.
  private(set) var cache: BucketCache
  let ignoresSummaries: Bool

  /// - Parameters:
  ///   - isInProcess: the summaries may lag behind the events by the flush interval of this process.
  ///   - ignoresSummaries: Read the rows of events only.
  init(
    timeoutMs: Int64, _ db: Database, _ damage: DamageLog, isInProcess: Bool = false,
    cache: BucketCache = BucketCache(), ignoresSummaries: Bool = false
  ) throws {
    (self.timeoutMs, self.db, self.damage, self.cache) = (timeoutMs, db, damage, cache)
    self.ignoresSummaries = ignoresSummaries
    (rows, names) = (WorkerRows(db, damage: damage), NameTexts(db))
    pending = isInProcess ? [] : try StoreTransaction(reading: db, damage: damage).pendingWrites().buckets
  }

  /// Forgets what the shifts after this one do not need: at most one shift is in memory, however long the range is.
  mutating func forget(upTo shift: StopShift, nowMs: Int64) {
    guard shift.endMs <= nowMs else { return }
    forget(before: shift.endMs, stationsBefore: shift.startMs - StopShift.lookBackMs)
  }

  /// Forgets what timelines from this instant on do not need.
  mutating func forget(before ms: Int64, stationsBefore stationsMs: Int64) {
    cache.trim(summariesBefore: SummaryBucket.start(of: ms - timeoutMs), stationsBefore: stationsMs)
  }

  // MARK: Timelines

  /// When somebody works, by workstation, in the whole of a bucket that is over, or in a part of one. O(workers) of two
  /// buckets; nothing for one that was read before.
  mutating func work(in range: Range<Int64>, ofBucket bucketMs: Int64) throws -> [String: [Range<Int64>]] {
    if let known = cache.work[bucketMs] {
      return known.mapValues { $0.map { $0.clamped(to: range) }.filter { !$0.isEmpty } }
    }
    let work = try timelines(in: range, tellsWhy: false).mapValues { timeline in
      timeline.runs(in: range).filter { $0.state == .working }.map { $0.startMs..<$0.endMs }
    }
    return work
  }

  /// The same of a whole bucket, kept for the next reader.
  mutating func keepWork(ofBucket bucketMs: Int64) throws {
    guard cache.work[bucketMs] == nil else { return }
    cache.work[bucketMs] = try work(
      in: bucketMs..<bucketMs + SummaryBucket.lengthMs, ofBucket: bucketMs)
  }

  /// What the workstations did in a range, by id; without those that nothing is known of.
  ///
  /// - Parameter tellsWhy: Whether an empty workstation is `vacant` or `no_data` must be right: that needs the first events
  ///   of each one in the range.
  mutating func timelines(
    in range: Range<Int64>, tellsWhy: Bool = true
  ) throws -> [String: StationTimeline] {
    guard !range.isEmpty else { return [:] }
    let fromMs = range.lowerBound - timeoutMs
    var joined: [Int32: TimelineSummary] = [:]
    var sights = StationSights()
    for bucketMs in try SiteStore.eventBuckets(fromMs: fromMs, toMs: range.upperBound, db) {
      let found = try summaries(bucketMs)
      var entries: [Int32: [EventList.Entry]]?
      if found.map({ tellsWhy && !Self.canSee(range, bucketMs, $0, sights) }) ?? true {
        entries = try self.entries(bucketMs, toMs: range.upperBound)
      }
      if let entries {
        Self.add(entries, bucketMs, in: range, to: &sights)
      } else {
        for (worker, summary) in found ?? [:] where bucketMs + SummaryBucket.lengthMs > range.lowerBound {
          for share in summary.stations { sights.addVisitor(worker, at: share.workstation) }
        }
      }
      for (worker, summary) in found ?? Self.summaries(of: entries ?? [:], bucketMs, timeoutMs)
      where worker != 0 {
        joined[worker] = joined[worker]?.combined(with: summary) ?? summary
      }
    }
    try addStates(before: range, to: &joined)
    let ends = try StoreTransaction(reading: db).pseudonymEnds(after: fromMs)
    return try StationTimeline.all(of: joined, ends: ends, sights, in: range, name: names.text)
  }

  /// Whether the summaries of a bucket say all that `StationSights` asks for.
  private static func canSee(
    _ range: Range<Int64>, _ bucketMs: Int64, _ summaries: [Int32: TimelineSummary], _ sights: StationSights
  ) -> Bool {
    if bucketMs + SummaryBucket.lengthMs <= range.lowerBound { return true }
    return summaries.allSatisfy { worker, summary in
      summary.stations.allSatisfy { share in
        guard sights.firstMs[share.workstation] != nil else { return false }
        let isInside = range.lowerBound <= bucketMs && share.lastMs < range.upperBound
        return isInside || sights.hasVisitor(worker, at: share.workstation)
      }
    }
  }

  private static func add(
    _ entries: [Int32: [EventList.Entry]], _ bucketMs: Int64, in range: Range<Int64>,
    to sights: inout StationSights
  ) {
    for (worker, entries) in entries {
      for entry in entries where entry.isAccepted {
        let ms = bucketMs + Int64(entry.offset)
        if range.contains(ms) { sights.add(worker, at: entry.workstation, ms: ms) }
      }
    }
  }

  private static func summaries(
    of entries: [Int32: [EventList.Entry]], _ bucketMs: Int64, _ timeoutMs: Int64
  ) -> [Int32: TimelineSummary] {
    var summaries: [Int32: TimelineSummary] = [:]
    for (worker, entries) in entries where worker != 0 {
      var summary = TimelineSummary(timeoutMs: timeoutMs)
      for entry in entries where entry.isAccepted { summary.append(entry, originMs: bucketMs) }
      if !summary.isEmpty { summaries[worker] = summary }
    }
    return summaries
  }

  /// Adds the state from before the first event of those whose first event sets none, and what deleted events say.
  private mutating func addStates(
    before range: Range<Int64>, to joined: inout [Int32: TimelineSummary]
  ) throws {
    let transaction = StoreTransaction(reading: db, damage: damage)
    let carried = Set(
      try transaction.carriedStates(lastFrom: range.lowerBound - timeoutMs).map(\.worker))
    for worker in carried.union(joined.keys) where worker != 0 {
      let isCarried = carried.contains(worker)
      guard isCarried || joined[worker]?.startsWithRefresh == true else { continue }
      let beforeMs = joined[worker]?.firstMs ?? range.upperBound
      let state =
        try isCarried ? carriedState(of: worker, before: beforeMs) : lastSet(of: worker, before: beforeMs)
      joined[worker] = joined[worker].map { state.combined(with: $0) } ?? state
    }
  }

  /// The last state before an instant, which one look-up a worker finds; nothing for one that was found before.
  private mutating func lastSet(of worker: Int32, before ms: Int64) throws -> TimelineSummary {
    if let known = cache.states[worker], known.beforeMs == ms { return known.summary }
    let state = summary(of: try rows.lastSet(of: worker, before: ms).map { [$0] } ?? [])
    cache.states[worker] = BucketCache.State(beforeMs: ms, summary: state)
    return state
  }

  /// The last state and the last sign of life of a worker whose last events were deleted.
  private func carriedState(of worker: Int32, before ms: Int64) throws -> TimelineSummary {
    let signs =
      (try rows.lastSet(of: worker, before: ms).map { [$0] } ?? [])
      + (try rows.lastSign(of: worker, before: ms) { _ in true } ?? [])
    return summary(of: signs.sorted { $0.stored.event.timestampMs < $1.stored.event.timestampMs })
  }

  private func summary(of signs: [EventRows.NumberedEvent]) -> TimelineSummary {
    var state = TimelineSummary(timeoutMs: timeoutMs)
    for sign in signs where sign.stored.isAccepted {
      let event = sign.stored.event
      state.append(
        EventList.Entry(
          offset: 0, kind: event.kind, isAccepted: true, count: 0, workstation: sign.names.workstation,
          camera: sign.names.camera), originMs: event.timestampMs)
    }
    return state
  }

  // MARK: Workstations

  /// Which of these workstations have an accepted event in a range.
  mutating func seen(_ wanted: Set<Int32>, in range: Range<Int64>) throws -> Set<Int32> {
    let carried = try StoreTransaction(reading: db, damage: damage).carriedStations(in: range)
    var left = wanted.subtracting(carried)
    var unsure: [Int64] = []
    for bucketMs in try SiteStore.eventBuckets(fromMs: range.lowerBound, toMs: range.upperBound, db)
      .reversed()
    {
      guard !left.isEmpty else { break }
      let bucket = bucketMs..<bucketMs + SummaryBucket.lengthMs
      if bucket.clamped(to: range) == bucket, let stations = try stations(bucketMs) {
        left.subtract(stations)
      } else {
        unsure.append(bucketMs)
      }
    }
    for bucketMs in unsure where !left.isEmpty {
      if let stations = try stations(bucketMs), stations.isDisjoint(with: left) { continue }
      for entry in try entries(bucketMs, toMs: range.upperBound).values.joined() where entry.isAccepted {
        if range.contains(bucketMs + Int64(entry.offset)) { left.remove(entry.workstation) }
      }
    }
    return wanted.subtracting(left)
  }

  /// The workstations with an event in a bucket; nil when that is not known.
  private mutating func stations(_ bucketMs: Int64) throws -> Set<Int32>? {
    if let known = cache.stations[bucketMs] { return known }
    guard let found = try readSummaries(bucketMs) else { return nil }
    let stations = Set(found.values.lazy.flatMap { $0.stations.map(\.workstation) })
    cache.stations[bucketMs] = stations
    return stations
  }

  // MARK: Buckets

  private mutating func summaries(_ bucketMs: Int64) throws -> [Int32: TimelineSummary]? {
    if let known = cache.summaries[bucketMs] { return known }
    guard let found = try readSummaries(bucketMs) else { return nil }
    cache.summaries[bucketMs] = found
    return found
  }

  /// Nil for a bucket whose summaries are not complete, have another time-out or are damaged.
  private func readSummaries(_ bucketMs: Int64) throws -> [Int32: TimelineSummary]? {
    let transaction = StoreTransaction(reading: db, damage: damage)
    guard !ignoresSummaries, !pending.contains(bucketMs),
      try transaction.bucketTimeout(bucketMs) == timeoutMs
    else {
      return nil
    }
    var found: [Int32: TimelineSummary] = [:]
    do {
      try SummaryRows.visit(bucketMs: bucketMs, db, damage) { worker, bytes in
        guard let summary = TimelineSummary(encoded: bytes, originMs: bucketMs) else {
          damage.found(.summary(worker: worker, bucketMs: bucketMs))
          throw DamagedBucket(bucketMs: bucketMs)
        }
        guard summary.timeoutMs == timeoutMs else { throw DamagedBucket(bucketMs: bucketMs) }
        found[worker] = summary
      }
    } catch is DamagedBucket {
      return nil
    }
    return found
  }

  /// The events of a bucket before `toMs`.
  private func entries(_ bucketMs: Int64, toMs: Int64) throws -> [Int32: [EventList.Entry]] {
    if try !ignoresSummaries && rows.hasLists(bucketMs), let lists = try lists(bucketMs, toMs: toMs) {
      return lists
    }
    return try StoreTransaction(reading: db, damage: damage)
      .scannedEvents(bucketMs: bucketMs, toMs: toMs).mapValues(\.entries)
  }

  /// Nil when a list is damaged.
  private func lists(_ bucketMs: Int64, toMs: Int64) throws -> [Int32: [EventList.Entry]]? {
    var entries: [Int32: [EventList.Entry]] = [:]
    do {
      try SummaryRows.visitLists(bucketMs: bucketMs, db, damage) { worker, list in
        guard let events = EventList.entries(encoded: list, { bucketMs + Int64($0.offset) < toMs }) else {
          damage.found(.eventIndex(bucketMs: bucketMs))
          throw DamagedBucket(bucketMs: bucketMs)
        }
        entries[worker] = events
      }
    } catch is DamagedBucket {
      return nil
    }
    return entries
  }
}
