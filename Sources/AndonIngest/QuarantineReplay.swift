import AndonCore
import AndonStore

/// Carries out a person's command on the quarantine: deletes rows, or puts them through the pipeline again.
///
/// A row is judged by the rules of today and as of when it was received. A row that was rejected because the
/// bridge's clock was in doubt is judged as of now.
struct QuarantineReplay {
  /// The bridge's clock at the last commit, epoch milliseconds; nil before the first.
  let committedAtMs: Int64?

  /// Everything it does is in the context's transaction. O(rows of the command).
  func apply(
    _ command: QuarantineCommand, _ judge: inout EventJudge, _ quarantine: inout QuarantineWriter,
    _ context: inout BatchContext
  ) throws -> QuarantineReport {
    var report = QuarantineReport()
    let ids = try context.transaction.quarantineIDs(command)
    report.hasMore = ids.count > command.limit
    report.lastID = ids.prefix(command.limit).last ?? 0
    for id in ids.prefix(command.limit) {
      guard let row = try context.transaction.quarantineRow(id) else { continue }
      switch command.action {
      case .purge:
        try quarantine.remove(row, in: context.transaction)
        context.update.counters.quarantinePurged += 1
        report.taken += 1
      case .replay:
        guard let entries = try replayable(row, context) else {
          report.kept += 1
          continue
        }
        try quarantine.remove(row, in: context.transaction)
        context.update.counters.quarantineReplayed += 1
        report.taken += 1
        let (receivedAtMs, isReplay) = (context.receivedAtMs, context.isReplay)
        context.receivedAtMs = Self.judgedAtMs(row, nowMs: context.nowMs)
        context.isReplay = true
        for entry in entries {
          report.outcomes[try replay(entry, &judge, &quarantine, &context), default: 0] += 1
        }
        (context.receivedAtMs, context.isReplay) = (receivedAtMs, isReplay)
      }
    }
    return report
  }

  private func replay(
    _ entry: IngestBatch.Entry, _ judge: inout EventJudge, _ quarantine: inout QuarantineWriter,
    _ context: inout BatchContext
  ) throws -> ItemOutcome.Kind {
    context.update.counters.received += 1
    let rejected: RejectedInput
    switch entry {
    case .event(let event, let camera):
      context.record(event.sequence, timestampMs: event.timestampMs, camera: camera)
      let outcome = try judge.judge(event, camera: camera, &context)
      guard let rejection = outcome.rejection else { return outcome.kind }
      rejected = RejectedInput(event, rejection, camera: camera, rules: context.rules)
    case .rejected(let input): rejected = input
    default: preconditionFailure("`replayable` returns events and rejections only")
    }
    // The camera's statistics do not count a replay, so it does not matter whether the camera is known.
    try quarantine.record(rejected, isKnownCamera: false, &context)
    return .rejected
  }

  private static func judgedAtMs(_ row: QuarantineRow, nowMs: Int64) -> Int64 {
    row.code == RejectionCode.bridgeClock.rawValue ? nowMs : row.receivedAtMs
  }

  /// What the row's payload is decoded to. Nil when the row has to stay: a part of its bytes was cut off, it is
  /// neither an event nor a rejection, it is older now than the site accepts, or the clock is in doubt once more.
  private func replayable(_ row: QuarantineRow, _ context: BatchContext) throws -> [IngestBatch.Entry]? {
    guard row.payloadBytes == row.payload.count, row.form != .digest else { return nil }
    let (rules, nowMs) = (context.rules, context.nowMs)
    let isUnjudged = row.code == RejectionCode.bridgeClock.rawValue
    let judgedAtMs = Self.judgedAtMs(row, nowMs: nowMs)
    // The commands of the program have no ingest loop that watches the clock.
    let isDoubted =
      context.clockState != .trusted || nowMs < ClockStepDetector.earliestPlausibleMs
      || committedAtMs.map { nowMs < $0 - ClockStepDetector.toleranceMs } ?? false
    var batch = IngestBatch()
    batch.isProtected = row.form == .workerReplaced
    batch.isClockTrusted = !isDoubted
    if row.topic.hasSuffix("/camera/\(row.cameraID)/event") {
      // Also when the configured root of all topics has changed.
      batch.append(
        payload: row.payload.span, camera: row.cameraID, topic: row.topic, rules: rules,
        nowMs: judgedAtMs)
    } else {
      batch.append(
        topic: row.topic, payload: row.payload.span, isRetained: false, rules: rules, nowMs: judgedAtMs)
    }
    if let failure = batch.failure { throw failure }
    let isReplayable = batch.entries.allSatisfy { entry in
      switch entry {
      case .event(let event, _): event.timestampMs >= nowMs - rules.maxAgeMs
      case .rejected(let input):
        !isUnjudged || !(input.rejection.code == .tooOld || isDoubted && input.rejection.code == .tooFuture)
      default: false
      }
    }
    return isReplayable && !batch.isEmpty ? batch.entries : nil
  }
}
