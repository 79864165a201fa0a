import AndonConfiguration
import AndonCore
import AndonStore

/// Reasons of stops.
extension SiteEngine {
  static let stopGroup = "stop"

  /// How far back the last stop of a workstation is looked for: first a shift or two, then over a week-end.
  private static let lookBacks = [CivilTime.millisecondsPerDay / 2, 7 * CivilTime.millisecondsPerDay]

  mutating func answer(
    stop request: CommandRequest, _ context: inout BatchContext
  ) throws -> CommandProcessor.Answer {
    let (transaction, nowMs) = (context.transaction, context.nowMs)
    return try commands.answer(request, in: transaction, nowMs: nowMs) { body in
      switch StopCommand.read(request.name, body) {
      case .failure(let refusal): (refusal.result, nil)
      case .success(let command): (try perform(command, in: transaction, nowMs: nowMs), nil)
      }
    }
  }

  /// Journals the reason for the time of the stop as it is now. The same again changes nothing.
  mutating func perform(
    _ command: StopCommand, in transaction: StoreTransaction, nowMs: Int64
  ) throws -> CommandResult {
    if let refusal = refusal(of: command.reasonID) { return refusal }
    // The events that came before the command count.
    try writeSummaries(in: transaction)
    let part: StopPart
    do {
      guard let found = try stop(command.target, in: transaction, nowMs: nowMs) else {
        return .refused("no_stop", Self.absence(of: command.target))
      }
      part = found
    } catch let gone as FiguresGone {
      return .refused("events_deleted", "\(gone)")
    }
    let stop = part.stop
    let reason = command.reasonID == StopReason.none ? nil : command.reasonID
    var result = CommandResult.ok
    result.stopID = stop.id
    let known = part.given
    let isSame =
      known?.reasonID == reason
      && (reason == nil || known?.comment == command.comment && known?.by == command.by)
    if isSame { return result }
    guard try transaction.reasonCount(of: stop) < StoreTransaction.reasonsForOneStop else {
      return .refused(
        "too_many", "\(StoreTransaction.reasonsForOneStop) reasons were given for stop \(stop.id) already")
    }
    try transaction.append(
      GivenReason(
        workstationID: stop.workstationID, startMs: stop.startMs, endMs: stop.isOpen ? nil : stop.endMs,
        reasonID: reason, comment: command.comment, by: command.by, isByVerified: command.isByVerified,
        atMs: nowMs))
    return result
  }

  /// Why a reason cannot be given; nil when it can.
  private func refusal(of reason: String) -> CommandResult? {
    let known = rules.reasons.map(\.id)
    guard !known.isEmpty else {
      return .refused("unknown_reason", "the site has no reasons: list them under stops.reasons")
    }
    let all = known + [StopReason.none]
    guard !all.contains(reason) else { return nil }
    return .refused(
      "unknown_reason",
      "there is no reason \(reason)\(Suggestion.text(for: reason, among: all)); the site has "
        + all.joined(separator: ", "))
  }

  private func stop(
    _ target: StopCommand.Target, in transaction: StoreTransaction, nowMs: Int64
  ) throws -> StopPart? {
    func stops(_ workstation: String, _ range: Range<Int64>) throws -> [StopPart] {
      try rules.stops.stops(
        overlapping: range, of: [workstation], in: transaction, path: rules.siteID, nowMs: nowMs)
    }
    switch target {
    case .stop(let workstation, let startMs): return try stops(workstation, startMs..<startMs + 1).last
    case .workstation(let workstation):
      for lookBackMs in Self.lookBacks {
        if let last = try stops(workstation, nowMs - lookBackMs..<nowMs).last { return last }
      }
      return nil
    }
  }

  private static func absence(of target: StopCommand.Target) -> String {
    switch target {
    case .stop(let workstation, let startMs):
      "there is no stop \(workstation):\(startMs): late events may have moved it or taken it away"
    case .workstation(let workstation):
      "workstation \(workstation) has had no stop in the last seven days"
    }
  }
}
