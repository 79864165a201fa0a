import AndonCore

/// A command that says why a workstation stands or stood, sent by MQTT or HTTP.
package struct StopCommand: Sendable, Hashable {
  package enum Target: Sendable, Hashable {
    /// The stop that begins at that time, or that contains it: late events may have moved its beginning.
    case stop(workstation: String, startMs: Int64)
    /// Its open stop, otherwise its last one.
    case workstation(String)
  }

  package var target: Target
  /// One of `stops.reasons`, or `none`.
  package var reasonID: String
  package var comment: String?
  /// The person who sent it.
  package var by: String
  /// Whether the name was proved by a login or a token: only over HTTP, and not with the shared token.
  package var isByVerified = false

  /// Reads a message on `cmd/stop/{name}`.
  package static func read(_ name: String, _ body: CommandRequest.Body) -> Result<StopCommand, CommandRefusal>
  {
    guard name == "reason" else {
      return .failure(CommandRefusal("unknown_command", "there is no command stop/\(name)"))
    }
    guard let reason = body.reason else { return .failure(bad("reason is missing")) }
    let target: Target
    switch (body.stopID, body.workstationID) {
    case (let id?, nil):
      guard let found = Self.target(stopID: id) else {
        return .failure(bad("stop_id must be workstation:start_ms, e.g. S3:1768370400000"))
      }
      target = found
    case (nil, let workstation?): target = .workstation(workstation)
    case (nil, nil): return .failure(bad("stop_id or workstation_id is missing"))
    default: return .failure(bad("stop_id and workstation_id are given: one is enough"))
    }
    return .success(
      StopCommand(target: target, reasonID: reason, comment: body.comment, by: body.by ?? "mqtt"))
  }

  private static func target(stopID: String) -> Target? {
    guard let colon = stopID.lastIndex(of: ":"), let startMs = Int64(stopID[stopID.index(after: colon)...]),
      abs(startMs) < 1 << 60, Identifier.isValid(String(stopID[..<colon]))
    else { return nil }
    return .stop(workstation: String(stopID[..<colon]), startMs: startMs)
  }

  private static func bad(_ detail: String) -> CommandRefusal { CommandRefusal("bad_request", detail) }
}
