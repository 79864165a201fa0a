import AndonCore
import AndonStore

/// Telling reports on their topics.
extension SiteEngine {
  private static let reportExpirySeconds: Int64 = 7 * 86_400

  /// Tells what a service found of stops or of reports.
  func tellWhatIsFound(
    _ work: SiteCommandQueue.Work, in transaction: StoreTransaction, nowMs: Int64
  ) throws -> Update {
    switch work {
    case .stops(let finding): try tell(finding, in: transaction, nowMs: nowMs)
    case .reports(let finding): try tell(finding, in: transaction, nowMs: nowMs)
    default: Update()
    }
  }

  /// Tells what differs from what was told. The rows of the outbox and what they say are written in one transaction, so
  /// that after a crash nothing is missing, and a repeat has the same `rev`.
  func tell(_ finding: ReportFinding, in transaction: StoreTransaction, nowMs: Int64) throws -> Update {
    var update = Update()
    for report in finding.reports {
      let (known, face) = (try transaction.toldReport(report.key), report.face)
      if let known, !known.isRetracted, known.face == face { continue }
      let notice = ReportNotice(report, revision: (known?.revision ?? 0) + 1)
      try tell(notice, face: face, in: transaction, &update)
    }
    for withdrawn in finding.withdrawn {
      guard let known = try transaction.toldReport(withdrawn.key), known == withdrawn, !known.isRetracted
      else { continue }
      let notice = ReportNotice(
        withdrawing: known.key, shift: known.shiftID, endMs: known.endMs, site: rules.siteID,
        revision: known.revision + 1, nowMs: nowMs)
      try tell(notice, face: known.face, in: transaction, &update)
    }
    try transaction.pruneToldReports(before: nowMs - LiveReports.keptMs)
    return update
  }

  private func tell(
    _ notice: ReportNotice, face: Int64, in transaction: StoreTransaction, _ update: inout Update
  ) throws {
    try transaction.save(
      ToldReport(
        key: notice.key, endMs: notice.endMs, shiftID: notice.shiftID, revision: notice.revision,
        isRetracted: notice.report == nil, face: face))
    update.outboxDropped += try transaction.enqueue(
      topic: rules.topics.report(
        site: rules.siteID, scope: notice.key.scope.rawValue, id: notice.key.id),
      payload: notice.json, schema: "report/1", expirySeconds: Self.reportExpirySeconds)
    update.outboxRows += 1
  }
}
