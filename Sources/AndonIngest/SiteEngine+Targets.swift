import AndonCore
import AndonStore

/// Commands on targets. Targets change figures only, so the engine holds none: the next reading finds them in the file.
extension SiteEngine {
  static let targetGroup = "target"
  /// How far ahead a target may begin.
  private static let mostAheadMs = 366 * CivilTime.millisecondsPerDay

  mutating func answer(
    target request: CommandRequest, _ context: inout BatchContext
  ) throws -> CommandProcessor.Answer {
    let (transaction, nowMs) = (context.transaction, context.nowMs)
    return try commands.answer(request, in: transaction, nowMs: nowMs) { body in
      switch TargetCommand.read(request.name, body) {
      case .failure(let refusal): (refusal.result, nil)
      case .success(let command): (try perform(command, in: transaction, nowMs: nowMs), nil)
      }
    }
  }

  /// Journals the change. What it changes is published by the next cycles.
  func perform(
    _ command: TargetCommand, in transaction: StoreTransaction, nowMs: Int64
  ) throws -> CommandResult {
    let change: TargetChange
    do throws(CommandRefusal) {
      change = try self.change(command, nowMs: nowMs)
    } catch {
      return error.result
    }
    if let refusal = try refusal(change.subject, in: transaction) { return refusal }
    guard change.fromMs <= nowMs + Self.mostAheadMs else {
      return .refused("bad_request", "from_ms must lie at most 366 days ahead")
    }
    let eventsFromMs = try transaction.eventsFromMs()
    guard change.fromMs >= eventsFromMs else {
      return .refused(
        "final", "figures before \(CivilTime.text(epochMs: eventsFromMs)) are final, their events are deleted"
      )
    }
    let trimMs = nowMs - rules.retentionMs - 2 * CivilTime.millisecondsPerDay
    try transaction.trimTargetChanges(before: max(eventsFromMs, trimMs))
    let changes = try SiteStore.targetChanges(transaction.db)
    guard changes.count < SiteStore.targetChangeLimit else {
      return .refused("too_many", "the targets have \(changes.count) changes already")
    }
    if change.rate == nil, !changes.contains(where: { $0.subject == change.subject && $0.rate != nil }) {
      return CommandResult(isOK: true, code: "nothing_to_clear")
    }
    try transaction.append(change, by: command.by, isVerified: command.isByVerified, atMs: nowMs)
    return .ok
  }

  private func change(_ command: TargetCommand, nowMs: Int64) throws(CommandRefusal) -> TargetChange {
    let subject = TargetSubject(command.scope, command.id ?? rules.siteID)
    switch command.action {
    case .clear: return TargetChange(subject, fromMs: command.fromMs ?? nowMs, rate: nil)
    case .rate(let rate):
      return TargetChange(subject, fromMs: command.fromMs ?? nowMs, rate: rate, labels: command.labels)
    case .units(let units):
      let atMs = command.fromMs ?? nowMs
      guard
        let shift = calendars.calendar(of: KPIScope(subject.scope), id: subject.id).window(
          .shift, containing: atMs), let planned = shift.planned
      else {
        throw CommandRefusal(
          "no_shift", "no shift runs at \(CivilTime.text(epochMs: atMs)): give units_per_hour instead")
      }
      let fromMs = command.fromMs ?? shift.startMs
      let plannedMs = planned.durationMs(in: fromMs..<shift.endMs)
      guard let rate = TargetRate(units: units, inMs: plannedMs) else {
        throw CommandRefusal(
          "bad_request", "\(units) units do not fit into \(plannedMs / 1000) s of planned time")
      }
      return TargetChange(
        subject, fromMs: fromMs, untilMs: shift.endMs, rate: rate, labels: command.labels)
    }
  }

  /// Why the site has no such workstation or line.
  private func refusal(_ subject: TargetSubject, in transaction: StoreTransaction) throws -> CommandResult? {
    switch subject.scope {
    case .site where subject.id != rules.siteID:
      return .refused("unknown_site", "this is the site \(rules.siteID), not \(subject.id)")
    case .line where calendars.layout.line(subject.id) == nil:
      return .refused("unknown_line", "the site has no line \(subject.id)")
    case .workstation where !rules.listedWorkstations.contains(subject.id):
      guard Identifier.isValid(subject.id), try transaction.nameID(.workstation, subject.id) != nil else {
        return .refused("unknown_workstation", "the site has no workstation \(subject.id) so far")
      }
      return nil
    default: return nil
    }
  }
}
