import AndonCore
import Foundation
import TestSupport

@testable import AndonBridge
@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonStore

extension SimulatedSite {
  /// The properties that do not hold, as messages.
  ///
  ///  - Parameters:
  ///    - timesAreComparable: True if the clock never stepped.
  ///    - seesAllLosses: True if no other bridge used the same session.
  ///    - countsBeginAgain: True if what was stored of a camera's numbers can have been damaged.
  func brokenPromises(
    timesAreComparable: Bool, seesAllLosses: Bool = true, countsBeginAgain: Bool = false
  ) throws -> [String] {
    guard let store = holder.store else { return ["\(id) has no open store"] }
    var rows: [String] = []
    try store.visitEvents(fromMs: .min, toMs: .max) { rows.append($0.event.eventID) }
    let quarantined = Set(
      try store.quarantine(limit: 100_000).map { String(decoding: $0.payload, as: UTF8.self) })
    var all = broken
    all += try brokenBooks(rows, quarantined, store)
    all += try brokenNumbers(Set(rows), quarantined, store, countsBeginAgain)
    all += try brokenFigures(store)
    all += try brokenStops(store)
    all += try brokenLog(store)
    if seesAllLosses {
      all += try untoldLosses(Set(rows), quarantined, store, timesAreComparable: timesAreComparable)
    }
    return all
  }

  /// P1, P2, P4: each acknowledged or answered event is stored once, and the counters agree.
  private func brokenBooks(
    _ rows: [String], _ quarantined: Set<String>, _ store: SiteStore
  ) throws -> [String] {
    var broken: [String] = []
    let stored = Set(rows)
    func isQuarantined(_ eventID: String) -> Bool { quarantined.contains { $0.contains("\"\(eventID)\"") } }
    for serial in acknowledged.sorted() {
      guard let eventID = cameras.eventIDs[serial], !stored.contains(eventID) else { continue }
      if wasUnmapped, cameras.mapped.contains(serial) { continue }
      if !isQuarantined(eventID) {
        broken.append("P1 \(id): message \(serial) (\(eventID)) was acknowledged and is not stored")
      }
    }
    let gone = everStored.subtracting(stored)
    if !gone.isEmpty { broken.append("P1 \(id): stored once and gone: \(gone.sorted().prefix(5))") }
    if rows.count != stored.count { broken.append("P2 \(id): \(rows.count - stored.count) rows twice") }
    let sent = Set(cameras.eventIDs.values).union(posted.eventIDs)
    if !stored.isSubset(of: sent) { broken.append("P2 \(id): rows that nobody sent") }
    let counters = try store.counters()
    if !counters.isBalanced { broken.append("P4 \(id): \(counters)") }
    if counters.stored + counters.lowConfidence != Int64(rows.count) {
      broken.append("P4 \(id): \(rows.count) rows, \(counters)")
    }
    let rejected = posted.eventIDs.filter(isQuarantined)
    return broken + posted.brokenPromises(stored: stored, rejected: rejected, counters: counters)
  }

  /// P7: a number that arrived is not missing, and each other one between two that arrived is.
  private func brokenNumbers(
    _ stored: Set<String>, _ quarantined: Set<String>, _ store: SiteStore, _ countsBeginAgain: Bool
  ) throws -> [String] {
    // A payload that was cut off by a damaged row is not looked for.
    let refused = Set(
      quarantined.compactMap { text in
        text.firstRange(of: #""event_id":""#).map { String(text[$0.upperBound...].prefix { $0 != "\"" }) }
      })
    let acked = Set(acknowledged.compactMap { cameras.numbered[$0] })
    func numbers(_ ids: Set<String>, _ camera: String) -> Set<Int64> {
      Set(ids.compactMap { cameras.numbers[$0] }.filter { $0.camera == camera }.map(\.number))
    }
    return try store.cameras().compactMap { row in
      guard let sequence = row.sequence, sequence.lost == 0, let count = sequence.counts.first else {
        return nil
      }
      // A message can have been committed without an acknowledgement. What was refused before the camera's first
      // stored event does not count as arrived.
      let possible = numbers(stored.union(refused).union(acked), row.cameraID)
      let certain = numbers(
        acked.intersection(stored).subtracting(cameras.repeatedElsewhere), row.cameraID)
      let missing = count.open.flatMap { Array($0.first...$0.last) }
      let untold = (count.lowest...count.highest).filter { !possible.contains($0) && !missing.contains($0) }
      // A count that begins again with an old number knows nothing of those that arrived before.
      let wrong =
        countsBeginAgain
        ? [] : certain.filter { $0 < count.lowest || $0 > count.highest || missing.contains($0) }
      guard !untold.isEmpty || !wrong.isEmpty else { return nil }
      return "P7 \(id): of \(row.cameraID) \(untold) are untold, \(wrong) are wrong: \(count)"
    }
  }

  /// P3: drift, episodes and KPIs are functions of the set of events, under the current settings.
  private func brokenFigures(_ store: SiteStore) throws -> [String] {
    var broken: [String] = []
    if let session {
      for report in try store.driftReports(limits: DriftLimits(site)) {
        if session.pipeline.engine.detector(report.key) != report.detector {
          broken.append("P3 \(id): drift of \(report.key.cameraID) is not that of its samples")
        }
        let known = try store.episodes(source: report.key.cameraID).filter {
          DriftDetector.rules.contains($0.key.rule) && $0.key.modelVersion == report.key.modelVersion
        }
        if known != report.episodes {
          broken.append("P3 \(id): episodes of \(report.key.cameraID) are not those of its samples")
        }
      }
    }
    func figures(_ store: SiteStore, recomputes: Bool) throws -> [String] {
      let query = KPIQuery(site: site, recomputes: recomputes)
      let range = try query.range(fromMs: nowMs - 86_400_000, toMs: nowMs, store, nowMs: nowMs)
      return try (query.openWindows(store, nowMs: nowMs) + range).map {
        String(decoding: $0.json(revision: nil), as: UTF8.self)
      }
    }
    let recomputed = try figures(store, recomputes: true)
    // Another process sees every event at once; this one's figures wait for the flush.
    var readers = [("the file", try SiteStore.openForReading(path: store.path, siteID: id))]
    if session?.pipeline.engine.hasPendingWrites == false { readers.append(("the bridge", store)) }
    for (reader, readable) in readers {
      let summed = try figures(readable, recomputes: false)
      guard summed != recomputed else { continue }
      let first = zip(summed, recomputed).first { $0 != $1 }
      broken.append(
        "P3 \(id): KPIs of \(reader) differ from their recompute: \(first.map { "\($0)" } ?? "a record more")"
      )
    }
    return broken
  }

  /// P1, P3: each answered reason is in the journal, and the last telling of each stop is what a query finds.
  private func brokenStops(_ store: SiteStore) throws -> [String] {
    var broken: [String] = []
    let journal = try store.givenReasons(overlapping: 0..<Int64.max / 2)
    for (workstation, comment) in answeredReasons
    where !journal.contains(where: { $0.workstationID == workstation && $0.comment == comment }) {
      broken.append("P1 \(id): the reason \(comment) was answered and is not in the journal")
    }
    // The bridge's figures wait for the flush.
    guard session != nil, session?.pipeline.engine.hasPendingWrites == false else { return broken }
    try tellStops()
    let fromMs = nowMs - 86_400_000
    let told = try store.commit { try $0.toldStops(from: fromMs) }.filter { !$0.isRetracted }
    let stops = try StopQuery(site: site).stops(overlapping: fromMs..<nowMs, store, nowMs: nowMs)
      .filter { fromMs <= $0.stop.startMs }
    func texts(_ stops: [Stop]) -> [String] {
      stops.map { "\($0.id)–\($0.isOpen ? "open" : String($0.endMs)) \($0.kind)" }.sorted()
    }
    if texts(told.map(\.stop)) != texts(stops.map(\.stop)) {
      broken.append("P3 \(id): told \(texts(told.map(\.stop))), there are \(texts(stops.map(\.stop)))")
    }
    return broken
  }

  /// For the central history: the log, and what is read from the tables instead, have every row of the tables.
  private func brokenLog(_ store: SiteStore) throws -> [String] {
    guard try store.shipState() != nil else { return [] }
    var broken = try store.checkLog().problems.map { "\(id): log: \($0)" }
    var server = ShipServer()
    while let batch = try store.nextLog() {
      server.apply(batch)
      _ = try store.acknowledgeLog(batch.last, epoch: 1, cluster: [])
    }
    while let step = try store.nextBackfill(of: site, nowMs: nowMs) {
      server.take(step.records)
      try store.finish(step, nowMs: nowMs)
    }
    if server.fenced > 0 { broken.append("\(id): the log has a hole") }
    broken += try ShipTables.missing(store, at: server).prefix(3).map { "\(id): not in the log: \($0)" }
    return broken
  }

  /// P7: every loss lies in a gap.
  private func untoldLosses(
    _ stored: Set<String>, _ quarantined: Set<String>, _ store: SiteStore, timesAreComparable: Bool
  ) throws -> [String] {
    var broken: [String] = []
    let gaps = try store.gaps(fromMs: .min, toMs: .max).filter(\.cause.mayMissEvents)
    for loss in losses
    where loss.serial > promisedAfter ?? .max && loss.topic.hasPrefix("andon/v1/\(id)/") {
      // Committed before its acknowledgement was lost with the session: nothing is missing.
      if let eventID = cameras.eventIDs[loss.serial], stored.contains(eventID) { continue }
      if let text = cameras.nonsense[loss.serial], quarantined.contains(text) { continue }
      // After a step of the clock it cannot be known whether the broker restarted.
      if loss.isOverflow, !timesAreComparable || loss.serial <= countedAfter ?? .max { continue }
      // A broker that dropped it and restarted at once reports no count (docs/reliability.md, "Gaps").
      if broker.hasForgotten(loss, withinMs: 5_000) { continue }
      if !gaps.contains(where: { !timesAreComparable || ($0.fromMs <= loss.atMs && loss.atMs <= $0.toMs) }) {
        broken.append("P7 \(id): the loss of message \(loss.serial) at \(loss.atMs) is in none of \(gaps)")
      }
    }
    return broken
  }
}
