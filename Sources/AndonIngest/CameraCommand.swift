import AndonCore

/// A command on a camera, sent by MQTT or HTTP.
package struct CameraCommand: Sendable, Hashable {
  package enum Action: Sendable, Hashable {
    /// Until when, epoch milliseconds; nil: until a person ends it.
    case outOfService(reason: String, untilMs: Int64?)
    case inService
  }

  package var cameraID: String
  package var action: Action
  /// The person who sent it.
  package var by: String
  /// Whether the name was proved by a login or a token: only over HTTP, and not with the shared token.
  package var isByVerified = false

  package init(cameraID: String, action: Action, by: String) {
    self.cameraID = cameraID
    self.action = action
    self.by = by
  }

  /// Reads a message on `cmd/camera/{name}`; a panel's button may send the bare camera id.
  package static func read(_ name: String, _ body: CommandRequest.Body) -> Result<
    CameraCommand, CommandRefusal
  > {
    let action: Action
    switch name {
    case "in_service": action = .inService
    case "out_of_service":
      guard let reason = body.reason else { return .failure(.init("bad_request", "reason is missing")) }
      action = .outOfService(reason: reason, untilMs: body.untilMs)
    default: return .failure(.init("unknown_command", "there is no command camera/\(name)"))
    }
    guard let camera = body.cameraID ?? body.alertID else {
      return .failure(.init("bad_request", "camera_id is missing"))
    }
    return .success(CameraCommand(cameraID: camera, action: action, by: body.by ?? "mqtt"))
  }
}
