import Foundation
import GRDB

@testable import AndonConfiguration
@testable import AndonCore
@testable import AndonIngest
@testable import AndonRuntime
@testable import AndonStore

/// A site with a log, a server, and a shipper in between that may die after each step; all by a seed.
final class ShipHistory {
  private let test: TestSite
  private(set) var store: SiteStore
  private var turn: IngestPipeline
  private var random: SplitMix64
  private(set) var server = ShipServer()
  private var serverCopy: ShipServer?
  private var number = 0
  private var looks: Int64 = 0
  /// The file is an older one than what was shipped, or the server lost something.
  private(set) var hasGoneBack = false
  private(set) var erased: Set<String> = []
  private let path: String
  private var limitBytes: Int64 = 1 << 30
  private let keepsState: Bool
  /// Events before it were deleted by age.
  private var oldestMs = TestSite.nowMs - 10_800_000
  private var payloads: [(text: String, camera: String)] = []

  init(seed: UInt64, keepsState: Bool = false) throws {
    self.keepsState = keepsState
    test = try TestSite(", kpi: {windows: [hour, day]}")
    random = SplitMix64(seed: seed)
    path = test.settings.databasePath(site: "plant-a")
    try test.store.close()
    store = try SiteStore.openForWriting(path: path, siteID: "plant-a")
    turn = try TestSite.turn(test.settings, store, flushIntervalMs: 1000)
    if keepsState {
      // A bridge of a fleet waits for the server before there is so much. Its seeds were found with these draws.
      _ = (below(8000), below(3))
    } else if below(3) == 0 {
      limitBytes = Int64(1000 + below(8000))
    }
    try switchOn()
  }

  private func switchOn() throws {
    try store.setLog(
      selection, limitBytes: limitBytes)
  }

  var selection: ShipSelection {
    ShipSelection(events: true, scopes: Set(KPIScope.allCases), keepsState: keepsState)
  }

  private func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }

  // MARK: What the site does

  var site: SiteSettings { test.site }

  func step() throws {
    try live()
    switch below(6) {
    case 0: try ship(isAnswerLost: below(4) == 0)
    case 1: try backfill(isLost: below(4) == 0)
    case 2: try resume()
    case 3: if !keepsState, below(4) == 0 { try serverGoesBack() }
    default: break
    }
  }

  /// Something happens at the site, or to its file.
  func live() throws {
    if keepsState, below(5) == 0 { return try liveInFleet() }
    switch below(14) {
    case 0...4: try addEvents()
    case 5: try command()
    case 6: try tell()
    case 7: try publishFinals()
    case 8: try fail()
    case 9: try reopen()
    case 10: if below(3) == 0 { try erase() }
    case 11: if below(3) == 0 { try damage() }
    case 12: _ = try store.trimLog(nowMs: TestSite.nowMs + Int64(number) * 60_000)
    default: try turn.flush(closesAll: below(2) == 0)
    }
  }

  /// All that is computed later is written.
  func settle() throws { try turn.flush(closesAll: true) }

  private func addEvents() throws {
    for _ in 0..<1 + below(20) {
      number += 1
      if keepsState, below(4) == 0, let old = payloads.randomElement(using: &random) {
        turn.add(payload: Array(old.text.utf8), camera: old.camera)
        continue
      }
      let (text, camera) = event()
      if keepsState { payloads.append((text, camera)) }
      turn.add(payload: Array(text.utf8), camera: camera)
    }
    _ = try turn.commitAdded()
  }

  private func event() -> (text: String, camera: String) {
    let atMs = max(oldestMs, TestSite.nowMs - Int64(below(10_800_000)))
    let kind = ["working", "idle", "absent"][below(3)]
    let id = below(4) == 0 ? "e-\(below(40))" : uuid()
    let confidence = ["0.9", "0.2", "2"][[0, 0, 0, 1, 2][below(5)]]
    let text = TestSite.event(
      atMs, kind, worker: "W\(1 + below(6))", confidence: confidence, more: #","event_id":"\#(id)""#)
    return (text, "cam-\(below(3))")
  }

  // MARK: What only a site that keeps its state does

  private func liveInFleet() throws {
    switch below(4) {
    case 0: try journal()
    case 1: try prune()
    case 2:
      // The names of topics leave the file.
      try store.topicsAreEmpty(Array(try store.topicsToEmpty().keys))
      _ = try store.sweep(largestBytes: 1 << 30, nowMs: TestSite.nowMs)
    default: _ = try turn.commitAdded()
    }
  }

  /// Rows of tables that count by themselves, some of which go again.
  private func journal() throws {
    number += 1
    try store.commit { transaction in
      for _ in 0..<1 + below(3) {
        try transaction.db.execute(
          sql: "INSERT INTO outbox (topic, schema, payload, expiry_s) VALUES (?, 's', x'00ff', 60)",
          arguments: ["t/\(number)"])
        try transaction.db.execute(
          sql: """
            INSERT INTO access_log (at_ms, user, proof, address, operation, worker_id, subjects, reason)
            VALUES (?, 'anna', 'p', 'a', 'o', ?, 1, '')
            """, arguments: [number, "W\(1 + below(6))"])
      }
    }
    guard below(2) == 0 else { return }
    try store.commit { transaction in
      try transaction.db.execute(sql: "DELETE FROM outbox WHERE seq > ?", arguments: [below(6)])
    }
  }

  /// Deletes the oldest events by age.
  private func prune() throws {
    let cutoffMs = SummaryBucket.start(of: oldestMs) + Int64(below(2)) * SummaryBucket.lengthMs
    while try !store.pruneStep(before: cutoffMs, keeping: nil).isDone {}
    oldestMs = max(oldestMs, cutoffMs)
    payloads = []
    try turn.flush(closesAll: false)
  }

  /// What a site and its restored copy are both given.
  func moreEvents() -> [(text: String, camera: String)] {
    var more = (0..<40).map { _ in event() }
    for _ in 0..<20 {
      if let old = payloads.randomElement(using: &random) { more.append(old) }
    }
    return more
  }

  /// Gives events to a file as a bridge that has just opened it would.
  func feed(_ events: [(text: String, camera: String)], to store: SiteStore) throws {
    var turn = try TestSite.turn(test.settings, store, flushIntervalMs: 1000)
    for (text, camera) in events { turn.add(payload: Array(text.utf8), camera: camera) }
    _ = try turn.commitAdded()
    try turn.flush(closesAll: true)
    if store === self.store { self.turn = try TestSite.turn(test.settings, store, flushIntervalMs: 1000) }
  }

  /// The server has taken more from the file.
  func catchUp(_ server: ShipServer) throws {
    self.server = server
    try catchUp()
  }

  func eraseNow(_ worker: String) throws {
    _ = try turn.perform(EraseCommand(workerID: worker, isTrial: false))
  }

  /// Of those that the file has.
  func firstEventMs() throws -> Int64 {
    try store.database.read { try Int64.fetchOne($0, sql: "SELECT min(timestamp_ms) FROM event") } ?? 0
  }

  /// Until the server has all that is committed; what waits for a flush waits on.
  func catchUp() throws {
    try resume()
    for _ in 0..<20_000 {
      let isShipped = try store.nextLog() == nil
      if isShipped, try store.backfills().isEmpty { return }
      if !isShipped { try ship() }
      try backfill()
    }
    throw Refused()
  }

  private func uuid() -> String {
    var bytes: [UInt8] = []
    for _ in 0..<16 { bytes.append(UInt8(below(256))) }
    return CompactUUID.text(bytes[...])
  }

  private func command() throws {
    number += 1
    let atMs = TestSite.nowMs - Int64(below(10_800_000))
    try store.commit { transaction in
      switch below(4) {
      case 0:
        try transaction.append(
          TargetChange(TargetSubject(.site, "plant-a"), fromMs: atMs, rate: TargetRate(microUnitsPerHour: 5)),
          by: "anna", isVerified: true, atMs: atMs)
      case 1:
        try transaction.append(
          CalendarChange(
            .close(reason: "Fest \(number)"), on: LocalDate(dayNumber: 20_000)...LocalDate(dayNumber: 20_001)),
          by: "anna", reason: "Fest \(number)", atMs: atMs)
      case 2:
        try transaction.append(
          GivenReason(
            workstationID: "S1", startMs: atMs, endMs: below(2) == 0 ? nil : atMs + 1000,
            reasonID: "material",
            comment: "c\(number)", by: "anna", atMs: atMs))
      default:
        try transaction.add([
          GapRow(cause: .sessionLost, fromMs: atMs, toMs: atMs + 5, notedAtMs: atMs, detail: "g\(number)")
        ])
        _ = try transaction.recordUnjudged(atMs...atMs + 10, nowMs: atMs)
      }
    }
  }

  private func tell() throws {
    number += 1
    let startMs = TestSite.nowMs - Int64(below(8)) * 900_000
    try store.commit { transaction in
      let stop = Stop(
        workstationID: "S\(below(3))", shiftID: "early", startMs: startMs, endMs: startMs + Int64(number),
        isOpen: below(2) == 0, durationMs: Int64(number), kind: .idle, isMicro: false)
      try transaction.save(
        ToldStop(
          stop: stop, revision: Int64(number), isRetracted: below(3) == 0, face: 1,
          payload: Array(#"{"rev":\#(number),"by":"anna","reason":"material"}"#.utf8)))
      try transaction.save(
        ToldReport(
          key: ReportKey(.site, "plant-a", startMs: startMs), endMs: startMs + 1000, shiftID: "early",
          revision: Int64(number), isRetracted: false, face: Int64(number)))
    }
  }

  private func publishFinals() throws {
    number += 1
    let startMs = TestSite.nowMs / 3_600_000 * 3_600_000 - Int64(1 + below(2)) * 3_600_000
    let window = Window(kind: .hour, startMs: startMs, endMs: startMs + 3_600_000)
    let records = try KPIQuery(site: test.site).records(store, windows: [window], nowMs: TestSite.nowMs)
    try store.saveFinals(
      records.map { record in
        let key = FinalRow.Key(kind: .hour, startMs: window.startMs, scope: record.scope, id: record.id)
        return FinalPublication(
          row: FinalRow(key: key, revision: Int64(number), digest: 7),
          record: store.logsFinals(of: record.scope) ? record : nil)
      }, dropBefore: 0, keeping: 1 << 40)
  }

  private struct Refused: Error {}

  /// A transaction that is taken back leaves nothing, also in the log.
  private func fail() throws {
    let before = try store.shipState()
    try? store.commit { transaction in
      try transaction.add([
        GapRow(cause: .sequence, fromMs: 0, toMs: 1, notedAtMs: TestSite.nowMs, detail: "never")
      ])
      throw Refused()
    }
    let after = try store.shipState()
    precondition(after == before, "a failed commit changed the log")
  }

  private func reopen() throws {
    try store.close()
    store = try SiteStore.openForWriting(path: path, siteID: "plant-a")
    try switchOn()
    turn = try TestSite.turn(test.settings, store, flushIntervalMs: 1000)
  }

  private func erase() throws {
    let worker = "W\(1 + below(6))"
    if below(3) == 0 { _ = try turn.perform(EraseCommand(workerID: worker, isTrial: true)) }
    _ = try turn.perform(EraseCommand(workerID: worker, isTrial: false))
    erased.insert(worker)
  }

  /// A body or a tip is not what was written.
  private func damage() throws {
    try store.commit { transaction in
      let seq = try Int64.fetchOne(
        transaction.db, sql: "SELECT seq FROM ship_log WHERE kinds & ? = 0 ORDER BY seq LIMIT 1 OFFSET ?",
        arguments: [ShipKinds([.erasure]).rawValue, below(6)])
      guard let seq else { return }
      // A tip that is wrong makes the file stale, if the server has the body and the answer was lost.
      guard keepsState || below(2) == 0 else {
        return try transaction.db.execute(
          sql: "UPDATE ship_log SET tip = tip + 1 WHERE seq = ?", arguments: [seq])
      }
      let body = try Data.fetchOne(
        transaction.db, sql: "SELECT body FROM ship_log WHERE seq = ?", arguments: [seq])
      guard var body, !body.isEmpty else { return }
      body[below(body.count)] ^= 1 << UInt8(below(8))
      try transaction.db.execute(
        sql: "UPDATE ship_log SET body = ? WHERE seq = ?", arguments: [body, seq])
    }
  }

  // MARK: What the shipper does

  private func ship(isAnswerLost: Bool = false) throws {
    // Now and then an hour later: bases become old.
    if keepsState, below(12) == 0 { looks += 1 }
    let nowMs = TestSite.nowMs + looks * 3_600_000
    guard let batch = try store.nextLog(rows: 1 + below(60), bytes: 1 + below(4000), nowMs: nowMs) else {
      return
    }
    if server.head.seq != (try store.shipState())?.acked.seq { return try resume() }
    server.apply(batch)
    if isAnswerLost { return }
    _ = try store.acknowledgeLog(batch.last, epoch: 1, cluster: [1])
    if let base = batch.base { try store.noteBase(base, nowMs: nowMs) }
  }

  /// What counts is what the server says after an answer was lost.
  private func resume() throws {
    if try store.acknowledgeLog(server.head, epoch: 1, cluster: [1]) == .known { return }
    precondition(!keepsState, "the file is stale")
    try store.renumberLog(
      behind: server.head, epoch: 1, cluster: [1],
      fromMs: server.newestMs.map { $0 - test.site.ingest.maxAgeMs } ?? 0, nowMs: TestSite.nowMs + 1)
  }

  private func backfill(isLost: Bool = false) throws {
    guard let step = try store.nextBackfill(of: test.site, rows: 1 + below(30), nowMs: TestSite.nowMs) else {
      return
    }
    server.take(step.records)
    if !isLost { try store.finish(step, nowMs: TestSite.nowMs) }
  }

  /// The server is set back to what it was, and remembers what it is.
  private func serverGoesBack() throws {
    if let copy = serverCopy, erased.isEmpty {
      server = copy
      hasGoneBack = true
      serverCopy = nil
      try resume()
    } else {
      serverCopy = server
    }
  }

  /// Until nothing is left. Returns how many steps it took.
  func drain() throws -> Int {
    try turn.flush(closesAll: true)
    try resume()
    for turns in 0..<20_000 {
      let isShipped = try store.nextLog() == nil
      if isShipped, try store.backfills().isEmpty {
        // Nothing reads what was damaged after it was shipped.
        for turn in 0..<3 { _ = try store.trimLog(nowMs: (1 << 50) + Int64(turn) * 600_000) }
        return turns
      }
      if !isShipped { try ship() }
      try backfill()
    }
    return 20_000
  }
}
