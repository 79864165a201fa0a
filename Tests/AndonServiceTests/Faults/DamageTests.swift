import AndonCore
import Foundation
import GRDB
import Logging
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonStatus
@testable import AndonStore

/// Row 46 of docs/reliability.md: damaged bytes in a site's file. Data derived from events is recomputed at
/// once, and the damage is reported.
@Suite(.ownThread) struct DamageTests {
  private static let timeoutMs: Int64 = 600_000
  private static let hours: Int64 = 6
  private static let startMs = SummaryBucket.start(of: TestSite.nowMs) - hours * 3_600_000

  private static func random() -> (seed: UInt64, SeededRandom) {
    let seed =
      ProcessInfo.processInfo.environment["SEED"].flatMap(UInt64.init) ?? .random(in: 0...UInt64.max)
    print("SEED=\(seed)")
    return (seed, SeededRandom(state: seed))
  }

  /// Six hours of four workers and two cameras; the older quarters are compacted.
  private static func filled(_ random: inout SeededRandom, stepMs: Int64 = 9000) throws -> TestSite {
    let test = try TestSite()
    for index in 0..<Int(21_600_000 / stepMs) {
      let kind = ["working", "idle", "working", "absent"][Int(random.next() % 4)]
      let confidence = random.next() % 20 == 0 ? "0.5" : "0.\(80 + random.next() % 15)"
      test.add(
        TestSite.event(
          startMs + Int64(index) * stepMs, kind, worker: "W\(random.next() % 4)", confidence: confidence,
          more: #","event_id":"e\#(index)""#), camera: "cam-\(random.next() % 2)")
      if index % 60 == 59 { _ = try test.turn.commitAdded() }
    }
    while try test.store.compactBucket(before: startMs + 5 * 3_600_000, timeoutMs: timeoutMs) {}
    return test
  }

  private static func figures(_ test: TestSite, _ window: Window, recomputes: Bool = false) throws
    -> [[UInt8]]
  {
    try KPIQuery(site: test.site, recomputes: recomputes)
      .records(test.store, windows: [window], nowMs: TestSite.nowMs).map { $0.json(revision: nil) }
  }

  private static func window(_ random: inout SeededRandom) -> Window {
    let from = startMs + Int64(random.next() % UInt64(4 * 3_600_000))
    return Window(fromMs: from - from % 900_000, toMs: from + Int64(1 + random.next() % 7_200_000))
  }

  private struct Damage {
    var table: String
    var column: String
    var row: Row
    var blob: [UInt8]
  }

  /// Changes one byte of one stored blob.
  private static func damage(
    _ table: String, _ column: String, keys: String, _ database: DatabaseQueue, _ random: inout SeededRandom
  ) throws -> Damage {
    let skip = random.next()
    let (place, change) = (random.next(), UInt8(1 + random.next() % 255))
    return try database.write { db in
      let count = try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table)") ?? 0
      let row = try #require(
        try Row.fetchOne(
          db, sql: "SELECT \(column), \(keys) FROM \(table) LIMIT 1 OFFSET ?",
          arguments: [Int(skip % UInt64(max(1, count)))]))
      let damage = Damage(table: table, column: column, row: row, blob: Array(row[0] as Data))
      var bytes = damage.blob
      bytes[Int(place % UInt64(bytes.count))] ^= change
      try write(bytes, damage, db)
      return damage
    }
  }

  private static func write(_ bytes: [UInt8], _ damage: Damage, _ db: Database) throws {
    let keys = damage.row.columnNames.dropFirst().map { "\($0) = ?" }.joined(separator: " AND ")
    try db.execute(
      sql: "UPDATE \(damage.table) SET \(damage.column) = ? WHERE \(keys)",
      arguments: [Data(bytes)] + StatementArguments(damage.row.databaseValues.dropFirst()))
  }

  @Test func fault46_aDamagedByteOfASummaryGivesNoWrongFigureAndNoTrap() throws {
    var (seed, random) = Self.random()
    let test = try Self.filled(&random)
    let database = try DatabaseQueue(path: test.store.path)
    // The trigger would delete the compacted bucket of a row that is changed by hand.
    try database.write { try $0.execute(sql: "DROP TRIGGER summary_changed") }
    for number in 0..<700 {
      let isCompacted = number % 2 == 0
      let damage = try Self.damage(
        isCompacted ? "compacted_bucket" : "worker_summary",
        isCompacted ? (number % 4 == 0 ? "summaries" : "sums") : "summary",
        keys: isCompacted ? "bucket_ms" : "bucket_ms, worker", database, &random)
      let bucketMs: Int64 = damage.row[1]
      let window = number % 4 < 2 ? Window(fromMs: bucketMs, toMs: bucketMs + 900_000) : Self.window(&random)
      let isSame = try Self.figures(test, window) == Self.figures(test, window, recomputes: true)
      #expect(isSame, "seed \(seed), number \(number): \(damage.table) \(bucketMs)")
      guard isSame else { return }
      _ = try test.store.scanSummaries(before: .max, count: 1000)
      let parts = test.store.damage.dequeueNew()
      #expect(parts.count == 1, "seed \(seed), number \(number): \(parts)")
      #expect(test.store.damage.counts.found == number + 1)
      if number % 5 == 0 {
        for part in parts { try test.store.repair(part, timeoutMs: Self.timeoutMs) }
        while try test.store.compactBucket(before: Self.startMs + 5 * 3_600_000, timeoutMs: Self.timeoutMs) {}
      } else {
        try database.write { try Self.write(damage.blob, damage, $0) }
        for part in parts { test.store.damage.repaired(part) }
      }
    }
    #expect(test.store.damage.counts == DamageLog.Counts(found: 700, repaired: 700))
    #expect(try test.store.auditAll(timeoutMs: Self.timeoutMs).mismatches.isEmpty)
  }

  /// The ingest loop reads the bucket in which it continues: a damaged one is recomputed from its events
  /// instead of starting empty.
  @Test func fault46_theIngestLoopContinuesFromEventsWhereASummaryIsDamaged() throws {
    var (seed, random) = Self.random()
    let test = try Self.filled(&random)
    let database = try DatabaseQueue(path: test.store.path)
    for number in 0..<60 {
      let damage = try Self.damage(
        "worker_summary", "summary", keys: "bucket_ms, worker", database, &random)
      let (bucketMs, workerNumber): (Int64, Int32) = (damage.row[1], damage.row[2])
      let worker = try #require(try test.store.names().first { $0.id == workerNumber })
      try test.restart()
      test.add(
        TestSite.event(
          bucketMs + Int64(random.next() % 900_000), worker: worker.text,
          more: #","event_id":"n\#(number)""#)
      )
      _ = try test.turn.commitAdded()
      let window = Window(fromMs: bucketMs, toMs: bucketMs + 900_000)
      let isSame = try Self.figures(test, window) == Self.figures(test, window, recomputes: true)
      #expect(isSame, "seed \(seed), number \(number)")
    }
    #expect(try test.store.auditAll(timeoutMs: Self.timeoutMs).mismatches.isEmpty)
  }

  @Test func fault46_aDamagedDriftStateIsComputedAgainFromItsSamples() throws {
    var (seed, random) = Self.random()
    let test = try Self.filled(&random, stepMs: 60_000)
    let database = try DatabaseQueue(path: test.store.path)
    let settings = DetectorSettings(
      low: DriftSettings(test.site.drift), gatePpm: test.site.ingest.minConfidencePpm)
    func fromSamples() throws -> [DriftKey: DriftDetector] {
      try test.store.driftKeys().reduce(into: [:]) { all, key in
        var detector = DriftDetector(settings: settings)
        _ = try test.store.replaySamples(key, with: &detector)
        all[key] = detector
      }
    }
    for number in 0..<300 {
      if number % 3 == 0 {
        let damage = try Self.damage(
          "drift_checkpoint", "state", keys: "camera_id, model_version, at_ms", database, &random)
        try test.restart()
        // A late event: the detector returns to the checkpoint before it.
        let atMs = (damage.row[3] as Int64) + Int64(random.next() % 1000)
        test.add(
          TestSite.event(atMs, worker: "W0", confidence: "0.9", more: #","event_id":"late\#(number)""#),
          camera: damage.row[1])
      } else {
        let damage = try Self.damage(
          "drift_state", "state", keys: "camera_id, model_version", database, &random)
        // Read while the bridge runs, and by a bridge that starts.
        let key = DriftKey(cameraID: damage.row[1], modelVersion: damage.row[2])
        #expect(try test.store.driftStates().first { $0.key == key }?.state == nil)
        #expect(try test.store.detectors(DriftLimits(settings))[key] == fromSamples()[key])
        try test.restart()
        test.add(
          TestSite.event(TestSite.nowMs + Int64(number), more: #","event_id":"e\#(number)""#), camera: "cam-0"
        )
      }
      _ = try test.turn.commitAdded()
      let isSame = try test.turn.engine.detectors == fromSamples()
      #expect(isSame, "seed \(seed), number \(number)")
      guard isSame else { return }
      for part in test.store.damage.dequeueNew() { try test.store.repair(part, timeoutMs: Self.timeoutMs) }
    }
    #expect(test.store.damage.counts.found >= 290)
    #expect(try test.store.driftStates().allSatisfy { $0.state != nil }, "they were saved again")
  }

  @Test func fault46_aDamagedAlertIsRaisedAgainByItsEpisodeAndStopsNothing() throws {
    let site = try AlarmSite()
    site.add(TestSite.event(TestSite.nowMs))
    try site.setStatus("offline", atMs: TestSite.nowMs)
    for second in [1, 62] as [Int64] { try site.tick(atMs: TestSite.nowMs + second * 1000) }
    let key = AlarmKey(rule: .cameraOffline, sourceID: "cam-01")
    #expect(site.turn.engine.machines[key]?.isRaised == true)
    try DatabaseQueue(path: site.store.path).write { db in
      try db.execute(sql: "UPDATE alarm_state SET life = replace(life, '{', '[')")
    }
    try site.restart()
    #expect(site.store.damage.counts.found == 1 && site.turn.engine.machines[key]?.state == .pending)
    try site.tick(atMs: TestSite.nowMs + 1_800_000)
    #expect(site.turn.engine.machines[key]?.isRaised == true)
    try site.restart()
    #expect(site.turn.engine.machines[key]?.isRaised == true && site.store.damage.counts.found == 1)
  }

  /// A reader that keeps the highest `rev` of an alert must accept what follows the damage as new, whether
  /// the maintenance service repaired the row before the restart or not.
  @Test(arguments: [false, true])
  func fault46_aDamagedAlertGoesOnAboveTheRevisionsOfItsJournal(isMended: Bool) throws {
    let site = try AlarmSite()
    site.add(TestSite.event(TestSite.nowMs))
    try site.setStatus("offline", atMs: TestSite.nowMs)
    for second in [1, 62] as [Int64] { try site.tick(atMs: TestSite.nowMs + second * 1000) }
    let before = try site.store.alarmJournal(limit: 100).map(\.revision)
    #expect(before.count > 1 && before == Array(1...Int64(before.count)))
    try DatabaseQueue(path: site.store.path).write { db in
      try db.execute(sql: "UPDATE alarm_state SET life = replace(life, '{', '['), revision = 0")
    }
    if isMended {
      _ = try site.store.alarms()
      for part in site.store.damage.dequeueNew() {
        try site.store.repair(part, timeoutMs: Self.timeoutMs)
      }
    }
    try site.restart()
    #expect(site.store.damage.counts.found == 1)
    try site.tick(atMs: TestSite.nowMs + 1_800_000)
    let journal = try site.store.alarmJournal(limit: 100)
    #expect(journal.count > before.count && journal.last?.event == "raised")
    #expect(journal.map(\.revision) == Array(1...Int64(journal.count)), "\(journal.map(\.revision))")
  }

  /// One changed digit in any column of any row is found, in its quarter of an hour.
  @Test func fault46_aFlippedDigitOfAnEventIsFound() throws {
    var (seed, random) = Self.random()
    let test = try Self.filled(&random)
    // Late events and duplicates do not change this.
    for index in 0..<200 {
      test.add(
        TestSite.event(
          Self.startMs + Int64(random.next() % 20_000_000), worker: "W1",
          more: #","event_id":"l\#(index % 150)""#))
    }
    _ = try test.turn.commitAdded()
    #expect(try test.store.damagedQuarters().isEmpty)
    let database = try DatabaseQueue(path: test.store.path)
    let changes = [
      "delay_ms = delay_ms + 1", "count = count + 1", "accepted = 1 - accepted",
      "confidence_ppm = confidence_ppm + 1", "model = model + 1", "camera = camera + 1",
      "event_id = event_id || 'x'", "workstation = workstation + 1", "timestamp_ms = timestamp_ms + 1",
      "worker = worker + 1", "kind = (kind + 1) % 3", "timestamp_ms = timestamp_ms + 900000",
    ]
    for number in 0..<120 {
      let change = changes[number % changes.count]
      let skip = Int(random.next() % 2000)
      try database.writeWithoutTransaction { db in
        try db.execute(sql: "PRAGMA ignore_check_constraints = ON; BEGIN")
        let row = try #require(
          try Row.fetchOne(
            db, sql: "SELECT worker, timestamp_ms, event_id FROM event LIMIT 1 OFFSET ?", arguments: [skip]
          ))
        try db.execute(
          sql: "UPDATE event SET \(change) WHERE worker = ? AND timestamp_ms = ? AND event_id = ?",
          arguments: [row[0] as Int64, row[1] as Int64, row[2] as String])
        let bucketMs = SummaryBucket.start(of: row[1])
        let damaged = try SiteStore.damagedQuarters(fromMs: .min / 4, toMs: .max / 4, db)
        try db.execute(sql: "ROLLBACK")
        let reach = [bucketMs, bucketMs + 900_000]
        #expect(damaged.contains(bucketMs) && damaged.allSatisfy(reach.contains), "seed \(seed): \(change)")
      }
    }
    // Retention deletes rows and checksums together.
    while try test.store.prune(before: Self.startMs + 3 * 3_600_000) > 0 {}
    #expect(try test.store.damagedQuarters().isEmpty)
  }

  /// A row that no event can produce is an error with a message, not a trap.
  @Test func fault46_aRowThatCannotBeIsRefusedWithWords() throws {
    var (_, random) = Self.random()
    let test = try Self.filled(&random)
    try DatabaseQueue(path: test.store.path).writeWithoutTransaction { db in
      try db.execute(sql: "PRAGMA ignore_check_constraints = ON")
      try db.execute(sql: "UPDATE event SET count = 1 << 40 WHERE event_id = 'e9'")
    }
    let error = #expect(throws: DatabaseError.self) {
      try test.store.visitEvents(fromMs: .min, toMs: .max) { _ in }
    }
    #expect(error.flatMap { StoreFault($0) } == .damaged)
    #expect(error.map { "\($0)" }?.contains("the row of an event at") == true)
  }

  /// The maintenance service reports once what it found, repairs it, and the status counts it.
  @Test func fault46_theMaintenanceServiceReportsAndRepairsIt() throws {
    var (_, random) = Self.random()
    let test = try Self.filled(&random)
    try DatabaseQueue(path: test.store.path).write { db in
      try db.execute(sql: "DELETE FROM compacted_bucket")
      try db.execute(
        sql: "UPDATE worker_summary SET summary = zeroblob(40) WHERE bucket_ms = \(Self.startMs)")
      try db.execute(
        sql: """
          UPDATE worker SET first_set_ms = 0 WHERE worker = (SELECT id FROM name WHERE kind = 'worker' AND text = 'W1')
          """)
      try db.execute(sql: "DELETE FROM summary_bucket WHERE bucket_ms = \(Self.startMs + 900_000)")
    }
    let keeper = try KeptSite(test)
    defer { keeper.stop() }
    try waitUntil("the repair", seconds: 60) { keeper.status.damage.repaired > 0 }
    #expect(keeper.status.damage.found == keeper.status.damage.repaired)
    try waitUntil("the bucket", seconds: 60) {
      try test.store.auditAll(timeoutMs: Self.timeoutMs).stale == 0
        && test.store.buckets(in: Self.startMs..<Self.startMs + 1_800_000).count == 2
    }
    #expect(try test.store.auditAll(timeoutMs: Self.timeoutMs).mismatches.isEmpty)
    let window = Window(fromMs: Self.startMs, toMs: Self.startMs + 7_200_000)
    #expect(try Self.figures(test, window) == Self.figures(test, window, recomputes: true))
    let said = keeper.log.lines.filter { $0.contains("are damaged") }
    #expect(said.count == 1, "\(said)")
    #expect(
      said.first.map { $0.contains("site=plant-a") && $0.contains("plant-a.sqlite") } == true, "\(said)")
    #expect(keeper.log.lines.count { $0.contains("first states differed") } == 1)
    let document = String(decoding: StatusDocument.json(keeper.board, nowMs: TestSite.nowMs), as: UTF8.self)
    #expect(document.contains(#""damage":{"found":\#(keeper.status.damage.found),"#), "\(document)")
  }

  /// Regression test: at the next event the summary in memory overwrote what a repair had written.
  @Test func aRepairReachesTheSummaryInMemory() throws {
    let test = try TestSite()
    test.add(TestSite.event(TestSite.nowMs))
    test.add(TestSite.event(TestSite.nowMs + 1000, "idle"))
    _ = try test.turn.commitAdded()
    // As after a bug: the summaries in memory and in the file are intact but do not match the rows.
    try DatabaseQueue(path: test.store.path).write { db in
      try db.execute(sql: "UPDATE event SET kind = 0 WHERE kind = 2")
    }
    let found = try test.store.auditAll(timeoutMs: Self.timeoutMs)
    #expect(found.mismatches.count == 1)
    try test.store.recompute(found.mismatches, timeoutMs: Self.timeoutMs)
    test.add(TestSite.event(TestSite.nowMs + 5000))
    _ = try test.turn.commitAdded()
    #expect(try test.store.auditAll(timeoutMs: Self.timeoutMs).mismatches.isEmpty)
  }
}
