package import AndonRuntime
import CSQLiteSetup
import Foundation
import GRDB
import Synchronization

/// One site's file.
///
/// Guarantees: there is one writer (a kernel lock on `{file}.lock`). A commit that returned is on disk
/// (`synchronous=FULL` in WAL mode: the log is synced at every commit); a commit that threw left nothing.
/// Only the writer runs checkpoints: readers are read-only connections. Readers see a snapshot and never
/// block the writer.
package final class SiteStore: Sendable {
  package let path: String
  package let siteID: String
  /// The latest changes, for readers in this process that cache results.
  package let changes = ChangeLog()
  /// What readers of stops in this process know.
  let stations = StationCache()
  /// The damage found in this file.
  package let damage: DamageLog
  /// An erasure waits for `sweep`.
  private let sweepDue = Atomic(false)
  package var isSweepDue: Bool {
    get { sweepDue.load(ordering: .relaxed) }
    set { sweepDue.store(newValue, ordering: .relaxed) }
  }
  /// What goes into the log for the central history; nil while that is off. Only the process that writes the file changes
  /// it, in the writer's turn, with the row in `ship_state`.
  private let shipBits = Atomic(0)
  var shipSelection: ShipSelection? {
    get { ShipSelection(bits: shipBits.load(ordering: .relaxed)) }
    set { shipBits.store(newValue?.bits ?? 0, ordering: .relaxed) }
  }
  /// Grows with each commit while the log is on: a reader of the log that has seen this number need not look.
  private let shipCommits = Atomic<Int64>(0)
  package var logVersion: Int64 { shipCommits.load(ordering: .acquiring) }
  func logChanged() { shipCommits.add(1, ordering: .releasing) }
  private let gateOfCommits = Mutex<CommitGate?>(nil)
  /// Holds commits until the central database has them; nil: they do not wait for it.
  package var gate: CommitGate? { gateOfCommits.withLock { $0 } }
  package let database: SiteDatabase
  private let pool: DatabasePool?
  /// Whether this process writes the file.
  package var isWriter: Bool { pool != nil }
  private let lock: FileLock?

  /// The size to which the write-ahead log shrinks after a checkpoint; about 4000 pages.
  static let walLimitBytes = 16 << 20

  /// SQLite's memory statistics are not used, and they take a global lock at each allocation: 5 % of the cost
  /// of an event (`andon-bench ingest`). Must run before SQLite's first use.
  private static let setUp: Void = andon_sqlite_without_memory_statistics()

  /// Opens for writing: creates folder and file when they are missing and migrates the schema. If the file is
  /// older than its high-water mark, a gap row is added.
  ///
  /// - Throws: `StoreError`, or SQLite's own error with its message.
  package static func openForWriting(
    path: String, siteID: String, clock: WallClock = .system
  ) throws -> SiteStore {
    Self.setUp
    let folder = (path as NSString).deletingLastPathComponent
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw StoreError.cannotCreate(path: folder, reason: error.localizedDescription)
    }
    if let kind = FileSystemKind.networkName(at: folder) {
      throw StoreError.networkFileSystem(path: path, kind: kind)
    }
    let lock = try FileLock(path: path + ".lock")
    var configuration = Configuration()
    configuration.label = "andon.\(siteID)"
    configuration.busyMode = .timeout(5)
    configuration.maximumReaderCount = 4
    let pool = try DatabasePool(path: path, configuration: configuration)
    // Not in `prepareDatabase`: after it the pool itself sets NORMAL, which syncs no commit in WAL mode.
    try pool.writeWithoutTransaction { db in
      try db.execute(
        sql: "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -8192; "
          + "PRAGMA journal_size_limit = \(walLimitBytes)")
    }
    try pool.read { try StoreSchema.check($0, path: path) }
    if try pool.read({ try isForeign($0) }) { throw StoreError.foreign(path: path) }
    let isUpgraded = try !pool.read { try StoreSchema.migrator.hasCompletedMigrations($0) }
    try StoreSchema.migrator.migrate(pool)
    try pool.write { db in
      try db.execute(
        sql: "INSERT INTO site (id, site_id) VALUES (1, ?) ON CONFLICT DO NOTHING", arguments: [siteID])
    }
    if let highWaterMark = lock.highWaterMark { try compare(pool, with: highWaterMark, nowMs: clock.nowMs) }
    let store = SiteStore(path: path, siteID: siteID, database: pool, pool: pool, lock: lock)
    try store.checkSite()
    store.shipSelection = try pool.read { try ShipState.read($0)?.selection }
    // What the migrations changed is in no patch.
    if isUpgraded, store.shipSelection?.keepsState == true { try store.commit { $0.leavePatchOut() } }
    return store
  }

  /// Adds a gap when commits are missing from the file: their events were acknowledged to the broker.
  private static func compare(_ pool: DatabasePool, with highWaterMark: CommitHighWaterMark, nowMs: Int64)
    throws
  {
    try pool.writeWithoutTransaction { db in
      try db.inTransaction(.immediate) {
        let transaction = try StoreTransaction(db, log: try ShipState.read(db)?.selection)
        var progress = try transaction.progress()
        guard progress.sequence < highWaterMark.sequence else { return .commit }
        try transaction.add([
          GapRow(
            cause: .storeRestored, fromMs: progress.lastSafeMs ?? 0, toMs: highWaterMark.committedAtMs,
            notedAtMs: nowMs,
            detail:
              "the file ends at commit \(progress.sequence), commit \(highWaterMark.sequence) had been made: "
              + "a backup was put back, or the write-ahead log is gone")
        ])
        progress.sequence = highWaterMark.sequence
        progress.committedAtMs = max(progress.committedAtMs ?? .min, highWaterMark.committedAtMs)
        try transaction.save(progress)
        try transaction.writeLog()
        return .commit
      }
    }
  }

  /// Refuses a file that this process must not write: another process holds it, a newer Andon made it, or it
  /// belongs to another site. All other faults are found later. Call it at the start, before any thread runs.
  package static func checkBeforeStart(path: String, siteID: String) throws {
    guard FileManager.default.fileExists(atPath: path) else { return }
    do {
      let lock = try FileLock(path: path + ".lock")
      defer { lock.release() }
      let store = try openForReading(path: path, siteID: siteID)
      try store.closeReading()
    } catch StoreError.wrongSite(_, "", _), StoreError.empty {
      // The process that created this file was killed before it wrote the site's name: `openForWriting`
      // completes it.
    } catch let error as StoreError {
      if StoreFault(error) == .refused { throw error }
    } catch {
      // A faulty disk or file stops this site only.
    }
  }

  /// Opens read-only, also beside a running writer.
  package static func openForReading(path: String, siteID: String) throws -> SiteStore {
    Self.setUp
    guard FileManager.default.fileExists(atPath: path) else { throw StoreError.missing(path: path) }
    var configuration = Configuration()
    configuration.readonly = true
    // Checked first: SQLite takes an empty file for a sound database.
    let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    if size == 0, !FileManager.default.fileExists(atPath: path + "-wal") {
      throw StoreError.empty(path: path)
    }
    configuration.busyMode = .timeout(5)
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    try queue.read { try StoreSchema.check($0, path: path) }
    let store = SiteStore(path: path, siteID: siteID, database: queue, pool: nil, lock: nil)
    try store.checkSite()
    return store
  }

  private init(
    path: String, siteID: String, database: any DatabaseReader, pool: DatabasePool?, lock: FileLock?
  ) {
    self.path = path
    self.siteID = siteID
    damage = DamageLog.of(path: path)
    self.database = SiteDatabase(database)
    self.pool = pool
    self.lock = lock
  }

  /// Whether it is a database with tables, none of which Andon made.
  private static func isForeign(_ db: Database) throws -> Bool {
    guard try !db.tableExists("grdb_migrations") else { return false }
    return try Bool.fetchOne(
      db, sql: "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%')"
    )
      ?? false
  }

  private func checkSite() throws {
    let isForeign = try database.read { try $0.tableExists("site") ? nil : Self.isForeign($0) }
    if let isForeign { throw isForeign ? StoreError.foreign(path: path) : StoreError.empty(path: path) }
    let found = try database.read { try String.fetchOne($0, sql: "SELECT site_id FROM site") } ?? ""
    guard found == siteID else { throw StoreError.wrongSite(path: path, found: found, expected: siteID) }
  }

  /// Has commits wait from now on until the central database has them.
  package func hold(_ gate: CommitGate) throws {
    let state = try shipState()
    gate.begin(committed: state?.committed.seq ?? 0, acked: state?.acked.seq ?? 0)
    gateOfCommits.withLock { $0 = gate }
  }

  /// Runs the body in one `BEGIN IMMEDIATE … COMMIT`. When this returns, the changes survive a power failure, and with
  /// a gate the central database has them, too; when it throws, nothing was written, except that after `NotShipped` it was.
  package func commit<Result>(_ body: (StoreTransaction) throws -> Result) throws -> Result {
    let result = try commitHere(body)
    try gate?.wait()
    return result
  }

  /// The same without the gate: for those who ship, as they would wait for themselves.
  func commitHere<Result>(_ body: (StoreTransaction) throws -> Result) throws -> Result {
    return try write { db in
      // `inTransaction` parses BEGIN and COMMIT at each call: 33 µs of a commit of one event.
      try db.cachedStatement(sql: "BEGIN IMMEDIATE").execute()
      do {
        let transaction = try StoreTransaction(db, damage: damage, log: shipSelection)
        let result = try body(transaction)
        for (bucketMs, quarter) in transaction.dequeueChecksums() { try transaction.save(bucketMs, quarter) }
        let logged = try transaction.writeLog()
        try db.cachedStatement(sql: "COMMIT").execute()
        if shipSelection != nil { logChanged() }
        if let logged { gate?.committed(logged) }
        return result
      } catch {
        // SQLite has ended the transaction itself after some errors.
        if db.isInsideTransaction { try? db.cachedStatement(sql: "ROLLBACK").execute() }
        throw error
      }
    }
  }

  /// Records a commit that returned in the lock file.
  package func highWaterMark(_ progress: StoreProgress) {
    lock?.record(
      CommitHighWaterMark(sequence: progress.sequence, committedAtMs: progress.committedAtMs ?? 0))
  }

  /// The writer's turn, outside of a transaction.
  func write<Result>(_ body: (Database) throws -> Result) throws -> Result {
    guard let pool else { preconditionFailure("a store opened for reading is never asked to write") }
    return try database.use { try pool.writeWithoutTransaction(body) }
  }

  /// Waits for readers, closes the connections and releases the lock, even when closing fails. The owner calls it once;
  /// later uses get an error.
  package func close() throws {
    defer { lock?.release() }
    if isWriter { try database.close() }
  }

  private func closeReading() throws { try database.close() }
}
