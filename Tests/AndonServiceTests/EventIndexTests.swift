import AndonCore
import Foundation
import GRDB
import TestSupport
import Testing

@testable import AndonIngest
@testable import AndonStore

/// Rows lie in order of time; the rows of one worker or camera are found by indexes that lag behind. Each answer is
/// that of a plain list of all events.
@Suite struct EventIndexTests {
  private struct Sent: Hashable {
    var event: Event
    var camera: String
    var isAccepted: Bool
  }

  private static let startMs = TestSite.nowMs - 6 * 3_600_000

  private static func random(_ number: Int, _ random: inout SeededRandom) -> Sent {
    var atMs = startMs + Int64(number) * 5 * 3_600_000 / 600
    if random.next() % 5 == 0 { atMs -= Int64(random.next() % 7_200_000) }
    // Cameras see several workers in one frame.
    atMs -= atMs % 2000
    let kind = EventKind.allCases[Int(random.next() % 4)]
    let ppm = Int32(random.next() % 10) * 100_000
    let hasConfidence = kind != .productCount || random.next() % 2 == 0
    let identifier =
      random.next() % 2 == 0 ? UUID(uuid: bytes(&random)).uuidString.lowercased() : "e\(number)"
    return Sent(
      event: Event(
        timestampMs: atMs,
        workerID: kind == .productCount && random.next() % 3 == 0 ? "" : "W\(random.next() % 5)",
        workstationID: "S\(random.next() % 3)", kind: kind, confidencePpm: hasConfidence ? ppm : nil,
        count: kind == .productCount ? Int32(random.next() % 9) : 0, eventID: identifier,
        modelVersion: random.next() % 4 == 0 ? "" : "v\(random.next() % 2)"),
      camera: "cam-0\(random.next() % 3)", isAccepted: !hasConfidence || ppm >= 700_000)
  }

  private static func bytes(_ random: inout SeededRandom) -> uuid_t {
    let (high, low) = (random.next(), random.next())
    return withUnsafeBytes(of: (high, low)) { $0.load(as: uuid_t.self) }
  }

  /// A site with random events, some of them not flushed, and what was sent.
  private func filled(_ random: inout SeededRandom) throws -> (TestSite, [Sent]) {
    let test = try TestSite()
    try test.restart(flushIntervalMs: 1000)
    var sent: [Sent] = []
    for number in 0..<600 {
      let one = Self.random(number, &random)
      sent.append(one)
      test.turn.add(payload: EventWriter.json(one.event), camera: one.camera)
      if random.next() % 15 == 0 { _ = try test.turn.commitAdded() }
      if random.next() % 60 == 0 { try test.turn.flush() }
      if random.next() % 200 == 0 {
        _ = try test.turn.commitAdded()
        try test.restart(flushIntervalMs: 1000)
      }
    }
    _ = try test.turn.commitAdded()
    #expect(try test.store.counters().rejected == 0)
    return (test, sent)
  }

  @Test(.seeded) func everyQuestionIsAnsweredAsByAPlainList() throws {
    var random = SeededRandom(state: Seed.one)
    let (test, sent) = try filled(&random)
    for store in [test.store, try SiteStore.openForReading(path: test.store.path, siteID: "plant-a")] {
      for _ in 0..<40 {
        let fromMs = Self.startMs + Int64(random.next() % 18_000_000)
        let range = fromMs..<fromMs + Int64(random.next() % 7_200_000)
        let inRange = sent.filter { range.contains($0.event.timestampMs) }
        try expectWorkers(store, range, inRange)
        try expectPages(store, range, inRange, &random)
        try expectSamples(store, range, inRange)
      }
    }
  }

  private func expectWorkers(_ store: SiteStore, _ range: Range<Int64>, _ sent: [Sent]) throws {
    for worker in ["", "W0", "W1", "W2", "W3", "W4", "unknown"] {
      var found: [Sent] = []
      try store.database.read { db in
        try WorkerRows(db).visit(worker: worker, fromMs: range.lowerBound, toMs: range.upperBound) {
          found.append(Sent(event: $0.event, camera: $0.cameraID, isAccepted: $0.isAccepted))
        }
      }
      #expect(
        Set(found) == Set(sent.filter { $0.event.workerID == worker }) && found.count == Set(found).count)
      #expect(found.map(\.event.timestampMs) == found.map(\.event.timestampMs).sorted())
    }
  }

  private func expectPages(
    _ store: SiteStore, _ range: Range<Int64>, _ sent: [Sent], _ random: inout SeededRandom
  ) throws {
    var query = EventQuery(
      fromMs: range.lowerBound, toMs: range.upperBound, limit: 1 + Int(random.next() % 20))
    if random.next() % 2 == 0 { query.workerID = "W\(random.next() % 5)" }
    if random.next() % 2 == 0 { query.cameraID = "cam-0\(random.next() % 3)" }
    if random.next() % 3 == 0 { query.workstationID = "S\(random.next() % 3)" }
    let expected = sent.filter { one in
      (query.workerID ?? one.event.workerID) == one.event.workerID
        && (query.cameraID ?? one.camera) == one.camera
        && (query.workstationID ?? one.event.workstationID) == one.event.workstationID
    }
    var found: [StoredEvent] = []
    while true {
      let page = try store.events(query)
      #expect(page.events.count <= query.limit)
      found += page.events
      guard page.hasMore, let last = page.events.last else { break }
      query.after = EventCursor(last.event)
    }
    #expect(found.map(\.event.timestampMs) == found.map(\.event.timestampMs).sorted(by: >))
    #expect(found.count == expected.count)
    #expect(Set(found.map(\.event)) == Set(expected.map(\.event)))
  }

  private func expectSamples(_ store: SiteStore, _ range: Range<Int64>, _ sent: [Sent]) throws {
    for key in try store.driftKeys() {
      var found: [DriftSample] = []
      try store.visitDriftSamples(key, fromMs: range.lowerBound, toMs: range.upperBound) { found.append($0) }
      let expected = sent.filter { $0.camera == key.cameraID && $0.event.modelVersion == key.modelVersion }
        .compactMap { DriftSample($0.event) }.sorted()
      #expect(found.map(\.timestampMs) == expected.map(\.timestampMs))
      #expect(found.map(\.confidencePpm) == expected.map(\.confidencePpm))
    }
  }

  /// So many events that their lists are in parts, which late ones lengthen until they are cut; some of the stored parts
  /// are damaged.
  @Test(.seeded) func listsInPartsAreThoseOfTheRows() throws {
    var random = SeededRandom(state: Seed.one)
    let test = try TestSite()
    try test.restart(flushIntervalMs: 1000)
    var sent: [Sent] = []
    for number in 0..<3000 {
      var one = Self.random(0, &random)
      let isLate = random.next() % 4 == 0
      let place = isLate ? Int64(random.next() % 4000) : Int64(number)
      let atMs = TestSite.nowMs - 2_000_000 + place * 500
      one.event = Event(
        timestampMs: atMs - atMs % (random.next() % 2 == 0 ? 1000 : 1), workerID: "W\(random.next() % 5)",
        workstationID: one.event.workstationID, kind: one.event.kind,
        confidencePpm: one.event.confidencePpm, count: one.event.count, eventID: "e\(number)",
        modelVersion: "v1")
      one.camera = "cam-0\(random.next() % 8 == 0 ? 1 : 0)"
      sent.append(one)
      test.turn.add(payload: EventWriter.json(one.event), camera: one.camera)
      if random.next() % 40 == 0 { _ = try test.turn.commitAdded() }
      if random.next() % 200 == 0 { try test.turn.flush(closesAll: random.next() % 2 == 0) }
      if random.next() % 500 == 0 { try damagePart(of: test, &random) }
      if random.next() % 1500 == 0 {
        _ = try test.turn.commitAdded()
        try test.restart(flushIntervalMs: 1000)
      }
    }
    _ = try test.turn.commitAdded()
    #expect(try test.store.counters().rejected == 0)
    for isClosed in [false, true] {
      if isClosed { try test.turn.flush(closesAll: true) }
      for store in [test.store, try SiteStore.openForReading(path: test.store.path, siteID: "plant-a")] {
        for _ in 0..<60 {
          let fromMs = TestSite.nowMs - 2_100_000 + Int64(random.next() % 2_000_000)
          let range = fromMs..<fromMs + Int64(random.next() % 1_500_000)
          try expectSamples(store, range, sent.filter { range.contains($0.event.timestampMs) })
        }
      }
      try expectDetectors(test)
    }
    let parts = try test.store.database.read {
      try Int64.fetchAll($0, sql: "SELECT length(samples) FROM camera_index")
    }
    #expect(parts.count > 20, "the lists are in parts")
    #expect(parts.allSatisfy { $0 < 1000 }, "a part fits on a page")
  }

  private func damagePart(of test: TestSite, _ random: inout SeededRandom) throws {
    let place = Int64(random.next() % 1000)
    try DatabaseQueue(path: test.store.path).write { db in
      let count = try Int64.fetchOne(db, sql: "SELECT count(*) FROM camera_index") ?? 0
      try db.execute(
        sql: """
          UPDATE camera_index SET samples = CAST(substr(samples, 1, length(samples) - 1) || x'5A' AS BLOB)
          WHERE (camera, model, from_ms) =
            (SELECT camera, model, from_ms FROM camera_index ORDER BY 1, 2, 3 LIMIT 1 OFFSET ?)
          """, arguments: [place % max(1, count)])
    }
  }

  /// Before lists had parts, each was one row of its quarter of an hour.
  @Test func aListOfAnEarlierFileIsOneLongPart() throws {
    let test = try TestSite()
    let count: Int64 = 600
    for number in 0..<count { test.add(TestSite.event(TestSite.nowMs - 600_000 + number * 1000)) }
    _ = try test.turn.commitAdded()
    try test.turn.flush(closesAll: true)
    try test.store.close()
    let path = test.store.path
    try DatabaseQueue(path: path).write { db in
      let streams = try StoreTransaction(reading: db).indexedStreams()
      let buckets = Set(
        try Int64.fetchAll(db, sql: "SELECT from_ms FROM camera_index").map(SummaryBucket.start(of:)))
      try db.execute(sql: "DELETE FROM camera_index")
      for stream in streams {
        for bucketMs in buckets {
          let list = try StoreTransaction(reading: db).scannedSamples(stream, bucketMs: bucketMs)
          let blob = BlobKey.cameraIndex(stream, fromMs: bucketMs).sealed(list.encoded())
          try db.execute(
            sql: "INSERT INTO camera_index VALUES (?, ?, ?, ?)",
            arguments: [stream.camera, stream.model, bucketMs, blob])
        }
      }
      try db.execute(
        sql: """
          ALTER TABLE camera_index RENAME COLUMN from_ms TO bucket_ms;
          DELETE FROM grdb_migrations WHERE identifier = 'parts of lists'
          """)
    }
    let store = try SiteStore.openForWriting(path: path, siteID: "plant-a")
    var turn = try TestSite.turn(test.settings, store)
    turn.add(payload: Array(TestSite.event(TestSite.nowMs - 300_500).utf8), camera: "cam-01")
    _ = try turn.commitAdded()
    var times: [Int64] = []
    for key in try store.driftKeys() {
      try store.visitDriftSamples(key, fromMs: .min, toMs: .max) { times.append($0.timestampMs) }
    }
    #expect(times.count == Int(count) + 1 && times == times.sorted())
    let parts = try store.database.read {
      try Int64.fetchAll($0, sql: "SELECT length(samples) FROM camera_index ORDER BY from_ms")
    }
    #expect(parts.contains { $0 < 1000 } && parts.count > 2, "the list that changed was cut: \(parts)")
    try store.close()
    withExtendedLifetime(test) {}
  }

  /// The detectors of the ingest loop are those of all samples in order.
  private func expectDetectors(_ test: TestSite) throws {
    for (key, live) in test.turn.engine.drift.all {
      var samples: [DriftSample] = []
      try test.store.visitDriftSamples(key, fromMs: .min, toMs: .max) { samples.append($0) }
      var rules = SampleRules(settings: live.settings)
      for sample in samples { _ = rules.apply(sample) }
      #expect(rules == live.samples, "\(key)")
    }
  }

  @Test func theViewForPeopleShowsWhatWasSent() throws {
    let test = try TestSite()
    let id = "0b7e9f5c-3d1a-4c58-9f0e-6a1b2c3d4e5f"
    test.add(TestSite.event(TestSite.nowMs, more: #","event_id":"\#(id)","model_version":"v1""#))
    _ = try test.turn.commitAdded()
    let row = try test.store.database.read {
      try Row.fetchOne(
        $0,
        sql:
          "SELECT timestamp, worker_id, event, workstation_id, event_id, camera_id, model_version FROM event_text"
      )
    }
    let texts = try #require(row).map { String.fromDatabaseValue($0.1) }
    #expect(texts == ["2026-01-15T10:15:00.000Z", "W1", "working", "S1", id, "cam-01", "v1"])
    let stored = try test.store.database.read { try Data.fetchOne($0, sql: "SELECT event_id FROM event") }
    #expect(stored?.count == 16, "a canonical UUID is stored as its bytes")
  }

  /// A wrong first bucket would hide a worker's state from the figures.
  @Test(arguments: ["first_bucket_ms", "last_bucket_ms"])
  func theStateOfAWorkerIsFoundWhenItsBucketsAreDamaged(_ column: String) throws {
    let test = try TestSite()
    for hours in [0, 1, 5, 9] { test.add(TestSite.event(TestSite.nowMs - Int64(hours) * 3_600_000)) }
    _ = try test.turn.commitAdded()
    func last(before ms: Int64) throws -> Int64? {
      try test.store.database.read { db in
        let rows = WorkerRows(db)
        let worker = try #require(try rows.number(of: "W1"))
        return try rows.lastSet(of: worker, before: ms)?.stored.event.timestampMs
      }
    }
    let early = TestSite.nowMs - 8 * 3_600_000
    #expect(try last(before: early) == TestSite.nowMs - 9 * 3_600_000)
    #expect(try last(before: early - 3_600_000) == nil, "nothing lies before the first one")
    for shift in [16 * 3_600_000, -16 * 3_600_000] {
      try DatabaseQueue(path: test.store.path).write {
        try $0.execute(sql: "UPDATE worker SET \(column) = \(column) + \(shift)")
      }
      #expect(try last(before: early) == TestSite.nowMs - 9 * 3_600_000)
      test.add(TestSite.event(TestSite.nowMs + Int64(1 + shift / 3_600_000 + 20)))
      _ = try test.turn.commitAdded()
      #expect(try last(before: early) == TestSite.nowMs - 9 * 3_600_000)
    }
  }

  /// Only the canonical text of a UUID may be stored as its bytes: what is read must be what was sent.
  @Test func anIdIsReadAsItWasSent() throws {
    let test = try TestSite()
    let ids = [
      "0B7E9F5C-3D1A-4C58-9F0E-6A1B2C3D4E5F", "0b7e9f5c-3d1a-4c58-9f0e-6a1b2c3d4e5f",
      "0b7e9f5c3d1a4c589f0e6a1b2c3d4e5f", "0b7e9f5c-3d1a-4c58-9f0e-6a1b2c3d4e5g", "0123456789abcdef", "x", "",
    ]
    for (number, id) in ids.enumerated() {
      let member = id.isEmpty ? "" : #","event_id":"\#(id)""#
      test.add(TestSite.event(TestSite.nowMs - Int64(number), more: member))
    }
    _ = try test.turn.commitAdded()
    var found: [String] = []
    try test.store.visitEvents(fromMs: .min, toMs: .max) { found.append($0.event.eventID) }
    #expect(found == ids.reversed())
  }

  /// A name is in every row: the table's copy, the index's copy and the checksum decide among themselves.
  @Test func aDamagedNameIsReadFromItsOtherCopy() throws {
    let test = try TestSite()
    test.add(TestSite.event(TestSite.nowMs))
    _ = try test.turn.commitAdded()
    try DatabaseQueue(path: test.store.path).write { db in
      try db.execute(sql: "UPDATE name SET checksum = checksum + 1")
    }
    #expect(try test.store.names().map(\.text).sorted() == ["S1", "W1", "cam-01"], "text and index agree")
  }

  @Test func aDamagedByteInACopyOfANameHarmsNothing() throws {
    let test = try TestSite()
    test.add(TestSite.event(TestSite.nowMs, worker: "a-worker-of-its-own"))
    _ = try test.turn.commitAdded()
    try test.turn.flush(closesAll: true)
    let path = test.store.path
    let queue = try DatabaseQueue(path: path)
    try queue.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
    let file = try Data(contentsOf: URL(filePath: path))
    var places: [Int] = []
    // In the table of names and in its index.
    let name = Data("a-worker-of-its-own".utf8)
    var from = file.startIndex
    while let found = file.range(of: name, in: from..<file.endIndex) {
      places.append(found.lowerBound)
      from = found.upperBound
    }
    let before = try test.store.names().map(\.text)
    #expect(places.count >= 2 && before.contains("a-worker-of-its-own"))
    for place in places {
      var damaged = file
      damaged[place + 3] ^= 1
      try damaged.write(to: URL(filePath: path))
      #expect(try test.store.names().map(\.text) == before, "byte \(place)")
    }
  }
}
