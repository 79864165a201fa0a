import AndonCore
import AndonRuntime
package import AndonStore
package import Logging
package import Mosquitto

/// Answers MQTT commands. Idempotent by `req_id`: a repeat within ten minutes gets the stored answer and
/// changes nothing. This holds after a crash too, because the answer is stored in the transaction of the
/// change.
package struct CommandProcessor: Sendable {
  /// A part of a command that another component carries out after the commit.
  package enum FollowUp: Sendable, Hashable {
    case republish
    case recompute(fromMs: Int64, toMs: Int64)
    case logLevel(Logger.Level, durationMs: Int64)
  }

  package struct Answer: Sendable {
    package var group: String
    package var name: String
    package var reply: MessageBatch.ReplyAddress?
    package var payload: [UInt8]
    package var followUp: FollowUp?
  }

  package static let memoryMs: Int64 = 600_000
  static let longestRecomputeMs: Int64 = 31 * 86_400_000
  package let canRecompute: Bool

  package func answer(
    _ request: CommandRequest, alarms: inout SiteAlarms, in transaction: StoreTransaction, nowMs: Int64
  ) throws -> Answer {
    try answer(request, in: transaction, nowMs: nowMs) { body in
      try perform(request, body, &alarms, in: transaction, nowMs: nowMs)
    }
  }

  /// The part that all commands have in common; `perform` is called at most once.
  package func answer(
    _ request: CommandRequest, in transaction: StoreTransaction, nowMs: Int64,
    perform: (CommandRequest.Body) throws -> (CommandResult, FollowUp?)
  ) throws -> Answer {
    var answer = Answer(
      group: request.group, name: request.name, reply: request.reply, payload: [])
    guard case .success(let body) = request.body else {
      guard case .failure(let refusal) = request.body else { return answer }
      let result = CommandResult.refused("bad_request", refusal.detail)
      answer.payload = result.json(cmd: request.cmd, requestID: nil, alertID: nil, nowMs: nowMs)
      return answer
    }
    if let id = body.requestID,
      let known = try transaction.commandResult(requestID: id, notBeforeMs: nowMs - Self.memoryMs)
    {
      answer.payload =
        known.cmd == request.cmd
        ? known.payload
        : CommandResult.refused("bad_request", "req_id was used for \(known.cmd)")
          .json(cmd: request.cmd, requestID: id, alertID: body.alertID, nowMs: nowMs)
      return answer
    }
    let (result, followUp) = try perform(body)
    answer.followUp = followUp
    answer.payload = result.json(
      cmd: request.cmd, requestID: body.requestID, alertID: body.alertID, nowMs: nowMs)
    if let id = body.requestID {
      try transaction.trimCommandResults(beforeMs: nowMs - Self.memoryMs)
      try transaction.saveCommandResult(requestID: id, cmd: request.cmd, atMs: nowMs, payload: answer.payload)
    }
    return answer
  }

  private func perform(
    _ request: CommandRequest, _ body: CommandRequest.Body, _ alarms: inout SiteAlarms,
    in transaction: StoreTransaction, nowMs: Int64
  ) throws -> (CommandResult, FollowUp?) {
    switch request.cmd {
    case "bridge/republish": return (.ok, .republish)
    case "kpi/recompute": return recompute(body)
    case "bridge/log_level": return logLevel(body)
    default: break
    }
    let action: AlarmCommand.Action
    switch request.cmd {
    case "alert/ack": action = .acknowledge
    case "alert/unshelve": action = .unshelve
    case "alert/confirm": action = .judge(isFalseAlarm: false)
    case "alert/false_alarm": action = .judge(isFalseAlarm: true)
    case "alert/shelve":
      guard let seconds = body.durationSeconds, (60...28_800).contains(seconds) else {
        return (.refused("bad_request", "duration_s must be 60…28800"), nil)
      }
      guard let reason = body.reason else { return (.refused("bad_request", "reason is missing"), nil) }
      action = .shelve(durationMs: seconds * 1000, reason: reason)
    default:
      return (.refused("unknown_command", "there is no command \(request.cmd)"), nil)
    }
    guard let alertID = body.alertID else { return (.refused("bad_request", "alert_id is missing"), nil) }
    let command = AlarmCommand(
      alertID: alertID, action: action, by: body.by ?? "mqtt", comment: body.comment)
    return (try alarms.perform(command, in: transaction, nowMs: nowMs), nil)
  }

  /// A panel's button may send the bare word, which is read as the alarm id.
  private func logLevel(_ body: CommandRequest.Body) -> (CommandResult, FollowUp?) {
    guard let level = (body.level ?? body.alertID).flatMap({ Logger.Level(rawValue: $0) }) else {
      let words = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
      return (.refused("bad_request", "level must be one of \(words)"), nil)
    }
    let seconds = body.durationSeconds ?? LogThreshold.standardSeconds
    guard LogThreshold.seconds.contains(seconds) else {
      return (.refused("bad_request", "duration_s must be 1…86400"), nil)
    }
    return (.ok, .logLevel(level, durationMs: seconds * 1000))
  }

  private func recompute(_ body: CommandRequest.Body) -> (CommandResult, FollowUp?) {
    guard let from = body.fromMs, let to = body.toMs, from < to, to - from <= Self.longestRecomputeMs else {
      return (.refused("bad_request", "from_ms and to_ms must span at most 31 d"), nil)
    }
    guard canRecompute else { return (.refused("unavailable", "this bridge does not recompute"), nil) }
    return (.ok, .recompute(fromMs: from, toMs: to))
  }
}
