import AndonCore
import Foundation
import GRDB
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonHTTP
@testable import AndonIngest
@testable import AndonPublish
@testable import AndonRuntime
@testable import AndonStore

/// Rows 54, 55 and 62 of docs/reliability.md, and further maintenance of a site's file: bounds in memory and
/// on disk.
@Suite(.ownThread) struct MaintenanceServiceTests {
  private static let dayMs: Int64 = 86_400_000

  /// A site whose file is locked by another program waits five seconds for each step; the other sites do not.
  @Test func fault62_aStuckSiteDelaysNoOther() throws {
    let (stuck, free) = (try TestSite(), try TestSite())
    for test in [stuck, free] {
      test.add(TestSite.event(TestSite.nowMs - 10 * 3_600_000))
      _ = try test.turn.commitAdded()
    }
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    let other = try DatabaseQueue(path: stuck.store.path, configuration: configuration)
    try other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
    let first = try KeptSite(stuck)
    first.recomputes.add(fromMs: 0, toMs: TestSite.nowMs)
    let second = try KeptSite(free)
    let start = ContinuousClock.now
    for number in 1...3 {
      second.recomputes.add(fromMs: 0, toMs: TestSite.nowMs)
      try waitUntil("the other site's recompute", seconds: 4.5) {
        second.log.lines.count { $0.contains("summaries recomputed") } == number
      }
    }
    #expect(ContinuousClock.now - start < .seconds(5))
    #expect(first.log.lines.filter { $0.contains("summaries recomputed") }.isEmpty)
    #expect(second.stop())
    try other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
    #expect(first.stop())
  }

  /// The trouble of a site is logged once while it lasts.
  @Test func maintenanceThatFailsSaysSoOnce() throws {
    let test = try TestSite()
    test.add(TestSite.event(TestSite.nowMs - 10 * 3_600_000))
    _ = try test.turn.commitAdded()
    try DatabaseQueue(path: test.store.path).write { db in
      try db.execute(
        sql: "CREATE TRIGGER no BEFORE INSERT ON compacted_bucket BEGIN SELECT RAISE(ABORT, 'no'); END")
    }
    let kept = try KeptSite(test)
    try waitUntil("the warning") { !kept.log.lines.filter { $0.contains("maintenance failed") }.isEmpty }
    for _ in 0..<2 {
      kept.recomputes.add(fromMs: 0, toMs: TestSite.nowMs)
      try waitUntil("another round") { kept.recomputes.isEmpty }
    }
    #expect(kept.stop())
    #expect(kept.log.lines.count { $0.contains("maintenance failed") } == 1)
  }

  /// Twenty-four hours of a camera whose status flaps every ten seconds, in simulated time.
  @Test func fault55_aDayOfAFlappingCameraLeavesAJournalOfBoundedSize() throws {
    let test = try TestSite()
    let rules = IngestRules(site: test.site, root: "andon/v1")
    var alarms = try SiteAlarms(rules: rules, store: test.store, nowMs: TestSite.nowMs)
    var detectors = try DriftTracker(
      siteID: "plant-a", limits: DriftLimits(test.site),
      maxAgeMs: 7 * Self.dayMs, store: test.store)
    detectors.settle()
    var transitions: Int64 = 0
    for hour in 0..<Int64(24) {
      transitions += try test.store.commit { transaction in
        var rows: Int64 = 0
        for step in 0..<Int64(360) {
          let nowMs = TestSite.nowMs + hour * 3_600_000 + step * 10_000
          let camera = CameraRow(
            cameraID: "cam-01", events: 1, lastEventMs: 0, lastReceivedMs: 0,
            status: step % 2 == 0 ? .offline : .online)
          alarms.tick(
            detectors,
            TickContext(
              cameras: [camera], shift: nil, listeningSinceMs: 0, silentAfterMs: 900_000,
              staleAfterMs: 3_600_000, offlineDelayMs: 0), nowMs: nowMs)
          rows += Int64(try alarms.write(alarms.dequeuePending(), in: transaction).rows)
        }
        return rows
      }
    }
    #expect(transitions > 4000, "\(transitions)")
    let journal = try test.store.alarmJournal(limit: 100_000)
    #expect(journal.reduce(0) { $0 + $1.count } == transitions, "nothing is lost without a count")
    #expect(journal.count { $0.page } >= 1)
    let bytes = journal.reduce(0) { $0 + $1.json.utf8.count }
    print("fault55: \(transitions) transitions, \(journal.count) rows, \(bytes) bytes")
    #expect(journal.count <= 24 * 14 && bytes < 500_000, "\(journal.count) rows, \(bytes) bytes")
    #expect(
      journal.last?.revision == alarms.manager.machines.values.map(\.revision).max(), "the newest is shown")
  }

  /// A year of a site with a retention of thirty days: every table stops growing.
  @Test func fault55_aYearOfLifeReachesAPlateau() throws {
    let site = try AlarmSite()
    let tables = [
      "alert_journal", "drift_hour", "shift_result", "ground_truth", "alarm_state", "episode", "drift_state",
      "drift_checkpoint",
    ]
    func counts() throws -> [String: Int] {
      try site.store.database.read { db in
        try tables.reduce(into: [:]) { $0[$1] = try Int.fetchOne(db, sql: "SELECT count(*) FROM \($1)") ?? 0 }
      }
    }
    var plateau: [String: Int] = [:]
    for day in 0..<Int64(365) {
      let startMs = TestSite.nowMs + day * Self.dayMs
      // A new model version every month, a new camera every quarter.
      let (version, camera) = ("v\(day / 30)", "cam-\(day / 90)")
      site.clock.nowMs = startMs + 4 * 3_600_000
      for hour in 0..<Int64(4) {
        site.add(
          TestSite.event(
            startMs + hour * 3_600_000, more: #","model_version":"\#(version)","event_id":"\#(day)-\#(hour)""#
          ),
          camera: camera)
      }
      try site.commit(atMs: startMs + 4 * 3_600_000)
      try site.setStatus("offline", atMs: startMs + 5 * 3_600_000)
      try site.tick(atMs: startMs + 5 * 3_600_000)
      _ = try site.perform("plant-a/camera_offline/cam-01", .judge(isFalseAlarm: true))
      _ = try site.perform("plant-a/camera_offline/cam-01", .acknowledge)
      try site.setStatus("online", atMs: startMs + 6 * 3_600_000)
      try site.tick(atMs: startMs + 6 * 3_600_000)
      try site.shifts([
        ShiftResult(
          workstationID: "S1", shiftID: "early", startMs: startMs, endMs: startMs + 1, units: 100 + day % 2,
          utilization: 5000)
      ])
      let cutoff = SummaryBucket.start(of: startMs - 30 * Self.dayMs)
      while try site.store.prune(before: cutoff) > 0 {}
      while try site.store.pruneRecords(before: RecordCutoffs(cutoff)) > 0 {}
      // The most of a whole period: what there is varies with the age of the newest version and camera.
      if (90..<180).contains(day) { plateau.merge(try counts()) { max($0, $1) } }
    }
    let last = try counts()
    print("fault55: at most \(plateau) in days 90 to 180, after a year \(last)")
    for table in tables {
      #expect(last[table, default: 0] <= plateau[table, default: 0], "\(table): \(plateau), \(last)")
    }
    #expect(last["drift_hour", default: 0] >= 16 * 3, "the profile's two weeks stay")
    #expect(last["shift_result", default: 0] >= 28, "the baseline stays")
  }

  /// An open alert stays, however old it is.
  @Test func fault55_anOpenAlertKeepsItsJournalAndItsState() throws {
    let site = try AlarmSite()
    site.add(TestSite.event(TestSite.nowMs))
    try site.setStatus("offline", atMs: TestSite.nowMs)
    for second in [1, 62] as [Int64] { try site.tick(atMs: TestSite.nowMs + second * 1000) }
    let before = try site.store.alarmJournal(limit: 10)
    while try site.store.pruneRecords(before: RecordCutoffs(TestSite.nowMs + 400 * Self.dayMs)) > 0 {}
    #expect(try !before.isEmpty && site.store.alarmJournal(limit: 10) == before)
    try site.restart()
    #expect(site.turn.engine.machines[AlarmKey(rule: .cameraOffline, sourceID: "cam-01")]?.isRaised == true)
    #expect(try site.store.outboxCount() == before.count, "what waits for the broker waits on")
    try site.setStatus("online", atMs: TestSite.nowMs + 5000)
    try site.tick(atMs: TestSite.nowMs + 6000)
    _ = try site.perform("plant-a/camera_offline/cam-01", .acknowledge)
    while try site.store.pruneRecords(before: RecordCutoffs(TestSite.nowMs + 400 * Self.dayMs)) > 0 {}
    #expect(try site.store.alarmJournal(limit: 10).isEmpty && site.store.episodes().isEmpty)
    #expect(try site.store.alarms().isEmpty)
  }

  @Test func fault54_rejectNoticesRememberABoundedNumberOfNames() {
    var notices = RejectNotices()
    let rejection = Rejection(code: .schema, field: nil, detail: "x")
    var told = 0
    for number in 0..<100_000 {
      if notices.notice(for: rejection, camera: "cam-\(number)", nowMs: Int64(number)) != nil { told += 1 }
    }
    #expect(notices.count <= RejectNotices.limit && told > 40_000, "\(notices.count), \(told)")
    for number in 0..<100_000 {
      _ = notices.notice(for: rejection, camera: "again-\(number)", nowMs: 200_000)
    }
    #expect(notices.count <= RejectNotices.limit)
    // A notice about a camera comes once a second as before, with the number of those left out.
    #expect(notices.notice(for: rejection, camera: "c", nowMs: 300_000) != nil)
    #expect(notices.notice(for: rejection, camera: "c", nowMs: 300_500) == nil)
    let text = notices.notice(for: rejection, camera: "c", nowMs: 301_000).map {
      String(decoding: $0, as: UTF8.self)
    }
    #expect(text?.contains(#""suppressed":1"#) == true)
  }

  @Test func theWriteAheadLogShrinksAfterALargeTransaction() throws {
    let test = try TestSite()
    func walBytes() throws -> Int {
      try FileManager.default.attributesOfItem(atPath: test.store.path + "-wal")[.size] as? Int ?? 0
    }
    try test.store.commit { transaction in
      try transaction.db.execute(
        sql: """
          WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
          INSERT INTO command_result (req_id, cmd, at_ms, payload) SELECT 'r' || i, 'c', 0, zeroblob(40000) FROM n
          """)
    }
    #expect(try walBytes() > 50 << 20)
    for index in 0..<3 {
      test.add(TestSite.event(TestSite.nowMs + Int64(index)))
      _ = try test.turn.commitAdded()
    }
    let left = try walBytes()
    #expect(left <= SiteStore.walLimitBytes, "\(left)")
  }

  @Test func anEmptyFileIsNotASitesFile() throws {
    let folder = NSTemporaryDirectory() + "andon-empty-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/plant-a.sqlite"
    try Data().write(to: URL(filePath: path))
    #expect(throws: StoreError.empty(path: path)) {
      _ = try SiteStore.openForReading(path: path, siteID: "plant-a")
    }
    // A SQLite database that is not an Andon store.
    let other = folder + "/other.sqlite"
    try DatabaseQueue(path: other).write { try $0.execute(sql: "CREATE TABLE t (a)") }
    #expect(throws: StoreError.foreign(path: other)) {
      _ = try SiteStore.openForReading(path: other, siteID: "plant-a")
    }
    #expect(throws: StoreError.foreign(path: other)) {
      _ = try SiteStore.openForWriting(path: other, siteID: "plant-a")
    }
    // The bridge makes it a store.
    try SiteStore.checkBeforeStart(path: path, siteID: "plant-a")
    try SiteStore.openForWriting(path: path, siteID: "plant-a").close()
    #expect(try SiteStore.openForReading(path: path, siteID: "plant-a").integrityProblems().isEmpty)
  }

  @Test func shiftsOfARangeAreFoundWithoutWalkingThroughIt() throws {
    let yaml = """
      bridge: {data_dir: /tmp/x}
      sites: [{id: plant-a, timezone: Europe/Berlin, shifts: [
        {id: early, start: "06:00", end: "14:00"}, {id: night, start: "22:00", end: "06:00"}]}]
      """
    let site = try SettingsLoader.parse(yaml: yaml, file: "x.yaml", environment: [:]).sites[0]
    let (calendar, calendars) = (SiteCalendar(site), SiteCalendars(site))
    let fromMs = TestSite.nowMs
    for toMs in [fromMs + 1, fromMs + 3_600_000, fromMs + 5 * Self.dayMs] {
      var walked: [Window] = []
      var atMs = fromMs
      while atMs < toMs {
        if let window = calendar.window(.shift, containing: atMs) {
          walked.append(window)
          atMs = window.endMs
        } else {
          atMs += 60_000
        }
      }
      #expect(try Endpoint.windows(.shift, calendars, fromMs, toMs).map(\.window) == walked)
    }
    let start = ContinuousClock.now
    #expect(throws: Problem.self) {
      try Endpoint.windows(.shift, calendars, fromMs, fromMs + 365 * Self.dayMs)
    }
    #expect(ContinuousClock.now - start < .seconds(5), "\(ContinuousClock.now - start)")
  }
}
