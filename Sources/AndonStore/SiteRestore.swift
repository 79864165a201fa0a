package import AndonConfiguration
import AndonCore
import AndonRuntime
import Foundation
import GRDB

/// Makes a site's file from what the central database has: a base of the small tables, the patches since, and the events.
///
/// It is written beside its place and put there at the end, so there is never a half of one. A file that is there is moved
/// aside, as `.stale-1`: one is kept, and nothing is taken from it.
package struct SiteRestore {
  private let path: String
  private let siteID: String
  private let timeoutMs: Int64
  private let selection: ShipSelection
  private let limitBytes: Int64
  private let nowMs: Int64
  private var partial: String { path + ".restoring" }
  private static let pageRows = 20_000
  /// Buckets whose summaries are computed in one transaction.
  private static let bucketsAtOnce = 16

  /// - Parameters:
  ///   - timeoutMs: `ingest.state_timeout`, for the summaries.
  ///   - selection: what goes into the log from then on.
  package init(
    path: String, siteID: String, timeoutMs: Int64, selection: ShipSelection, limitBytes: Int64, nowMs: Int64
  ) {
    (self.path, self.siteID, self.timeoutMs, self.nowMs) = (path, siteID, timeoutMs, nowMs)
    (self.selection, self.limitBytes) = (selection, limitBytes)
  }

  /// Of a site as the settings have it; the log keeps the state from then on.
  package init(of site: SiteSettings, _ settings: Settings, nowMs: Int64) {
    let wish = ShipSelection(of: site, settings.central)
    self.init(
      path: settings.databasePath(site: site.id), siteID: site.id, timeoutMs: site.ingest.stateTimeoutMs,
      selection: ShipSelection(events: true, scopes: wish.scopes, keepsState: true),
      limitBytes: settings.central.backlogBytes, nowMs: nowMs)
  }

  /// O(events of the site since its retention).
  ///
  /// - Throws: `RestoreError`; `StoreError.lockedByAnother` while a bridge has the site; errors of the source, SQLite's and
  ///   the system's. The file at the path is as it was then.
  package func run(_ source: some RestoreSource) throws -> RestoreReport {
    let start = ContinuousClock.now
    let folder = (path as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let lock = try FileLock(path: path + ".lock")
    defer { lock.release() }
    removePartial()
    do {
      guard let head = try source.head() else { throw RestoreError.unknownSite }
      try checkOld(head)
      guard let base = try source.base() else { throw RestoreError.noBase }
      var report = RestoreReport(position: head.position)
      let tip = try restoreTables(base, head, source, &report)
      let store = try SiteStore.openForWriting(path: partial, siteID: siteID)
      let mark: CommitHighWaterMark
      do {
        try restoreEvents(store, source, &report)
        try check(store, head)
        try setLog(store, base, head, patchTip: tip)
        try noteDifferences(store, &report)
        mark = try store.finalMark()
        try store.close()
      } catch {
        try? store.close()
        throw error
      }
      try endLog()
      try replace()
      lock.record(mark)
      report.milliseconds = Int64((ContinuousClock.now - start) / .milliseconds(1))
      return report
    } catch {
      removePartial()
      throw error
    }
  }

  /// Numbers of a log that keeps the state never begin again, so a file that was confirmed further than the head says that
  /// the database lost something.
  private func checkOld(_ head: RestoreHead) throws {
    guard FileManager.default.fileExists(atPath: path),
      // One that cannot be read is moved aside as it is.
      let old = try? SiteStore.openForReading(path: path, siteID: siteID), let state = try? old.shipState()
    else { return }
    if state.clusterID == head.clusterID, state.selection.keepsState, state.acked.seq > head.position.seq {
      throw RestoreError.behind(file: state.acked.seq, head: head.position.seq)
    }
  }

  // MARK: Small tables

  /// Returns the hash chain of the patches at the head.
  private func restoreTables(
    _ base: WorkingState, _ head: RestoreHead, _ source: some RestoreSource, _ report: inout RestoreReport
  ) throws -> Int64 {
    let known = StoreSchema.migrator.migrations
    if let strange = base.migrations.first(where: { !known.contains($0) }) {
      throw RestoreError.newerBase(migration: strange)
    }
    guard let last = base.migrations.last, base.migrations == Array(known.prefix(base.migrations.count)),
      let image = WorkingImage(encoded: base.image)
    else { throw RestoreError.damagedBase }
    guard base.position.seq <= head.position.seq else { throw RestoreError.baseAhead }
    let queue = try DatabaseQueue(path: partial)
    defer { try? queue.close() }
    // A file that a crash leaves is deleted. What is here at the end is synced with the rest of it.
    try queue.writeWithoutTransaction {
      try $0.execute(sql: "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY")
    }
    try StoreSchema.migrator.migrate(queue, upTo: last)
    return try queue.writeWithoutTransaction { db in
      try Patchset.withoutTriggers(db)
      var tip = image.patchTip
      try db.inTransaction(.immediate) {
        // Migrations make some rows, which the image has, too.
        for table in try SmallTables.names(db) { try db.execute(sql: "DELETE FROM \"\(table)\"") }
        do {
          try Patchset.apply(image.patchset, to: db)
        } catch is DatabaseError {
          throw RestoreError.damagedBase
        }
        try Self.set(image.sequences, db)
        tip = try apply(source, after: base, head, tip: tip, &report, db)
        return .commit
      }
      return tip
    }
  }

  /// Numbers that were given are never given again, also when their rows are gone.
  private static func raise(_ numbers: [String: Int64], _ db: Database) throws {
    let tables = try String.fetchAll(
      db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'")
    for table in tables {
      guard let number = numbers[table] else { continue }
      let given = try Int64.fetchOne(
        db, sql: "SELECT seq FROM sqlite_sequence WHERE name = ?", arguments: [table])
      if number > given ?? 0 { try set([table: number], db) }
    }
  }

  private static func set(_ sequences: [String: Int64], _ db: Database) throws {
    for (table, number) in sequences {
      try db.execute(sql: "UPDATE sqlite_sequence SET seq = ? WHERE name = ?", arguments: [number, table])
      if db.changesCount == 0 {
        try db.execute(
          sql: "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", arguments: [table, number])
      }
    }
  }

  private func apply(
    _ source: some RestoreSource, after base: WorkingState, _ head: RestoreHead, tip: Int64,
    _ report: inout RestoreReport, _ db: Database
  ) throws -> Int64 {
    var tip = tip
    var seq = base.position.seq
    while true {
      let patches = try source.patches(after: seq)
      guard let first = patches.first?.seq else { break }
      var page: [[UInt8]] = []
      var numbers: [String: Int64] = [:]
      for (number, patch) in patches {
        guard number > seq, number <= head.position.seq else { throw RestoreError.damagedPatch(seq: number) }
        guard let bytes = patch.bytes else { throw RestoreError.leftOut(seq: number) }
        tip = ShippedPatch.tip(after: tip, bytes)
        guard tip == patch.tip else { throw RestoreError.damagedPatch(seq: number) }
        do {
          try Patchset.largestNumbers(bytes, &numbers)
        } catch is DatabaseError {
          throw RestoreError.damagedPatch(seq: number)
        }
        page.append(bytes)
        report.patches += 1
        seq = number
      }
      do {
        // Together: thousands one by one take seconds, most of it to look at the tables.
        try Patchset.apply(try Patchset.joined(page), to: db)
      } catch is DatabaseError {
        // Their chain is whole, so it is one of these that does not fit to the rows; which one is not known.
        throw RestoreError.damagedPatch(seq: first)
      }
      try Self.raise(numbers, db)
    }
    // Each commit has one.
    guard seq == head.position.seq else {
      throw RestoreError.missingPatches(from: seq + 1, to: head.position.seq)
    }
    return tip
  }

  // MARK: Events

  private func restoreEvents(
    _ store: SiteStore, _ source: some RestoreSource, _ report: inout RestoreReport
  ) throws {
    let erasures = try source.erasures()
    var (names, fromMs) = try store.database.read { db in
      (
        try RestoredNames(db, erasures),
        try Int64.fetchOne(db, sql: "SELECT from_ms FROM event_range") ?? -(1 << 60)
      )
    }
    let pages = RestorePages(source, fromMs: fromMs, rows: Self.pageRows)
    defer { pages.finish() }
    while case let page = try pages.next(), !page.isEmpty {
      try store.commit { transaction in
        for row in page where !names.isErased(row.event) {
          guard let numbers = names.names(of: row) else {
            report.foreign += 1
            continue
          }
          let outcome = try transaction.insert(
            row.event, numbers, camera: row.cameraID, accepted: row.isAccepted, receivedAtMs: row.receivedAtMs
          )
          if outcome == .inserted { report.events += 1 }
        }
        // The small tables have those of the file.
        _ = transaction.dequeueChecksums()
      }
    }
    try summarize(store)
  }

  /// Computes what follows from the events, also of the buckets that waited for the next flush.
  private func summarize(_ store: SiteStore) throws {
    let length = SummaryBucket.lengthMs
    let buckets = try store.database.read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT (timestamp_ms - (timestamp_ms % \(length) + \(length)) % \(length)) AS bucket_ms, max(accepted)
          FROM event GROUP BY 1 ORDER BY 1
          """
      ).map { (ms: $0[0] as Int64, isAccepted: $0[1] as Bool) }
    }
    for start in stride(from: 0, to: buckets.count, by: Self.bucketsAtOnce) {
      try store.commit { transaction in
        for bucket in buckets[start..<min(buckets.count, start + Self.bucketsAtOnce)] {
          if bucket.isAccepted { try transaction.addBucket(bucket.ms, timeoutMs: timeoutMs) }
          try transaction.recompute(bucketMs: bucket.ms, timeoutMs: timeoutMs)
        }
      }
    }
  }

  // MARK: The end

  private func check(_ store: SiteStore, _ head: RestoreHead) throws {
    let counters = try store.counters()
    for (name, path) in OutcomeCounters.names {
      guard let there = head.counters[name] else { continue }
      let here = counters[keyPath: path]
      guard here == there else { throw RestoreError.ledger(counter: name, file: here, head: there) }
    }
    if let problem = try store.integrityProblems().first { throw RestoreError.unsound(problem) }
  }

  /// The log continues at the head's position.
  private func setLog(_ store: SiteStore, _ base: WorkingState, _ head: RestoreHead, patchTip: Int64) throws {
    try store.commit { transaction in
      var state = ShipState(selection: selection, limitBytes: limitBytes)
      (state.committed, state.acked, state.trimmed) = (head.position, head.position, head.position)
      (state.epoch, state.clusterID, state.markSeq) = (head.epoch, head.clusterID, head.position.seq)
      try state.save(transaction.db)
      var patches = ShipPatchState(tip: patchTip)
      (patches.baseSeq, patches.baseBytes) = (base.position.seq, Int64(base.image.count))
      patches.baseMs = nowMs
      try patches.save(transaction.db)
    }
    store.shipSelection = selection
    // What migrations changed here is in no patch.
    if base.migrations.count < StoreSchema.migrator.migrations.count {
      try store.commit { $0.leavePatchOut() }
    }
    if let problem = try store.checkLog().problems.first { throw RestoreError.unsound("log: \(problem)") }
  }

  /// Says with a gap where the events are not those that the file had, and takes them as they are.
  private func noteDifferences(_ store: SiteStore, _ report: inout RestoreReport) throws {
    let differing = try store.damagedQuarters()
    guard let first = differing.first, let last = differing.last else { return }
    report.differing = differing
    try store.commit { transaction in
      let pending = try transaction.pendingWrites().checksums
      for bucketMs in differing {
        try transaction.db.execute(
          sql: "DELETE FROM event_checksum WHERE bucket_ms = ?", arguments: [bucketMs])
        let found = try EventChecksums.recomputed(
          fromMs: bucketMs, toMs: bucketMs + SummaryBucket.lengthMs, transaction.db)
        for (bucketMs, quarter) in found {
          try transaction.save(bucketMs, quarter - (pending[bucketMs] ?? .init()))
        }
      }
      try transaction.add([
        GapRow(
          cause: .storeRestored, fromMs: first, toMs: last + SummaryBucket.lengthMs, notedAtMs: nowMs,
          detail:
            "restored from the central database: in \(differing.count) quarters of an hour it does not have "
            + "the events that the file had")
      ])
    }
  }

  /// Takes up the write-ahead log, which closing leaves beside the file, and deletes it.
  private func endLog() throws {
    let queue = try DatabaseQueue(path: partial)
    let mode = try queue.writeWithoutTransaction { db in
      try db.execute(sql: "PRAGMA synchronous = FULL")
      return try String.fetchOne(db, sql: "PRAGMA journal_mode = DELETE")
    }
    try queue.close()
    guard mode == "delete" else { throw RestoreError.unsound("its write-ahead log cannot be ended") }
  }

  /// Puts the file in its place. The write-ahead log of the one before must not stay beside it.
  private func replace() throws {
    let files = FileManager.default
    let stale = path + ".stale-1"
    for suffix in ["", "-wal", "-shm"] { try? files.removeItem(atPath: stale + suffix) }
    try syncToDisk(partial)
    for suffix in ["", "-wal"] where files.fileExists(atPath: path + suffix) {
      try files.moveItem(atPath: path + suffix, toPath: stale + suffix)
    }
    try? files.removeItem(atPath: path + "-shm")
    let folder = (path as NSString).deletingLastPathComponent
    try syncToDisk(folder)
    try files.moveItem(atPath: partial, toPath: path)
    try syncToDisk(folder)
    try? files.removeItem(atPath: partial + ".lock")
  }

  private func removePartial() {
    for suffix in ["", "-wal", "-shm", "-journal", ".lock"] {
      try? FileManager.default.removeItem(atPath: partial + suffix)
    }
  }
}

extension SiteStore {
  /// Of the newest commit, for the lock file of the place that the file gets.
  fileprivate func finalMark() throws -> CommitHighWaterMark {
    let progress = try progress()
    return CommitHighWaterMark(sequence: progress.sequence, committedAtMs: progress.committedAtMs ?? 0)
  }
}
