import AndonCore
import AndonStore

/// Erasing a worker, in the transaction of the command.
extension SiteEngine {
  static let workerGroup = "worker"

  mutating func answer(
    worker request: CommandRequest, _ context: inout BatchContext
  ) throws -> CommandProcessor.Answer {
    let (transaction, nowMs) = (context.transaction, context.nowMs)
    return try commands.answer(request, in: transaction, nowMs: nowMs) { body in
      guard request.name == "erase" else {
        return (.refused("unknown_command", "there is no command \(request.cmd)"), nil)
      }
      guard let worker = body.workerID else {
        return (.refused("bad_request", "worker_id is missing, or no id"), nil)
      }
      return (try perform(EraseCommand(workerID: worker, isTrial: body.isTrial), &context), nil)
    }
  }

  mutating func perform(_ command: EraseCommand, _ context: inout BatchContext) throws -> CommandResult {
    let transaction = context.transaction
    let worker = command.workerID
    var result = CommandResult.ok
    if command.isTrial {
      let site = self
      result.erasure = try transaction.trial { [context] in
        var (engine, context) = (site, context)
        return try engine.erase(worker, &context).report
      }
      result.erasure?.isTrial = true
      return result
    }
    let (report, erasure) = try erase(worker, &context)
    if let erasure { eventJudge.erase(worker, erasure) }
    result.erasure = report
    return result
  }

  private mutating func erase(
    _ worker: String, _ context: inout BatchContext
  ) throws -> (report: ErasureReport, erasure: Erasure?) {
    let transaction = context.transaction
    var (report, erasure) = try transaction.erase(
      worker, nowMs: context.nowMs, maxAgeMs: rules.maxAgeMs,
      topics: rules.topics.figures(ofWorker: worker, site: rules.siteID).flatMap { [$0.record] + $0.scalars })
    for id in try transaction.quarantineIDs(naming: worker) {
      guard let row = try transaction.quarantineRow(id) else { continue }
      try quarantine.remove(row, in: transaction)
      context.update.counters.quarantinePurged += 1
      report.quarantineRows += 1
    }
    return (report, erasure)
  }
}
