import AndonCore
import AndonStore

/// Telling stops on their topics.
extension SiteEngine {
  private static let noticeExpirySeconds: Int64 = 7 * 86_400

  /// Tells what differs from what was told. The rows of the outbox and what they say are written in one transaction, so
  /// that after a crash nothing is missing, and a repeat has the same `rev`.
  func tell(_ finding: StopFinding, in transaction: StoreTransaction, nowMs: Int64) throws -> Update {
    var update = Update()
    let fromMs = min(finding.fromMs, finding.records.map(\.stop.startMs).min() ?? .max)
    var told: [String: ToldStop] = [:]
    for one in try transaction.toldStops(from: fromMs) { told[one.stop.id] = one }
    for record in finding.records {
      let known = told.removeValue(forKey: record.stop.id)
      if let known, !known.isRetracted, known.face == record.face { continue }
      let notice = StopNotice(record, revision: (known?.revision ?? 0) + 1, nowMs: nowMs)
      try tell(notice, in: transaction, &update)
    }
    let gone = told.values.filter { !$0.isRetracted && $0.stop.startMs >= finding.fromMs }
    for known in gone.sorted(by: { $0.stop.id < $1.stop.id }) {
      // Its reason is not repeated: it belongs to its time, and may be another stop's now.
      let record = StopRecord(
        StopPart(known.stop, insideMs: known.stop.durationMs), site: rules.siteID, calendars.layout,
        StopReasons([]), askAfterMs: .max)
      let notice = StopNotice(record, revision: known.revision + 1, isRetracted: true, nowMs: nowMs)
      try tell(notice, in: transaction, &update)
    }
    try transaction.pruneToldStops(before: fromMs)
    return update
  }

  private func tell(
    _ notice: StopNotice, in transaction: StoreTransaction, _ update: inout Update
  ) throws {
    let (record, payload) = (notice.record, notice.json)
    try transaction.save(
      ToldStop(
        stop: record.stop, revision: notice.revision, isRetracted: notice.isRetracted, face: record.face,
        payload: payload))
    update.outboxDropped += try transaction.enqueue(
      topic: rules.topics.stopEvent(site: rules.siteID, workstation: record.stop.workstationID),
      payload: payload, schema: "stop/1", expirySeconds: Self.noticeExpirySeconds)
    update.outboxRows += 1
    update.hasToldStops = true
  }
}
