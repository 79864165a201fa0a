import AndonAccess
import AndonCore
import AndonIngest
import AndonRuntime

extension Endpoint {
  /// Commands on cameras.
  static let cameras: [Endpoint] = [
    Endpoint(
      method: .post, path: "/api/v1/sites/{site}/cameras/{camera}/out_of_service",
      operation: .takeCameraOutOfService,
      summary: "Take a camera out of service: it has no alerts.",
      detail:
        "Open alerts of the camera end. Its events are stored and feed figures as ever. Kept over restarts; "
        + "again, with another reason or time, it replaces what was said.",
      parameters: [
        .site, camera,
        .init(name: "reason", kind: .text(limit: 500), isRequired: true, help: "Why."), by,
        .init(
          name: "until_ms", kind: .instant, help: "When it is back by itself; else when somebody says so."),
      ],
      answers: [.init(schema: "command_result", help: "Done.")], problems: [409, 503]
    ) { request, services in
      try await perform(
        "out_of_service",
        .outOfService(reason: request.word("reason"), untilMs: request.instantMs("until_ms")),
        request, services)
    },
    Endpoint(
      method: .post, path: "/api/v1/sites/{site}/cameras/{camera}/in_service", operation: .putCameraInService,
      summary: "Put a camera back into service.",
      detail: "What is still wrong with it is raised again. The same again is harmless.",
      parameters: [.site, camera, by],
      answers: [.init(schema: "command_result", help: "Done.")], problems: [409, 503]
    ) { request, services in
      try await perform("in_service", .inService, request, services)
    },
  ]

  private static let camera = APIParameter(
    name: "camera", place: .path, kind: .identifier, isRequired: true, help: "The camera.")
  private static let by = APIParameter(
    name: "by", kind: .text(limit: 64), fallback: "dashboard", help: "Who decided.")

  private static func perform(
    _ name: String, _ action: CameraCommand.Action, _ request: APIRequest, _ services: APIServices
  ) async throws -> APIReply {
    let requests = try services.requests(of: try services.site(request))
    var command = CameraCommand(cameraID: request.word("camera"), action: action, by: request.word("by"))
    command.isByVerified = request.caller.user != nil
    let result = await requests.perform(command)
    guard result.isOK else { throw Problem(refused: result) }
    return .json(
      APIAnswers.commandResult.json(
        ("camera/\(name)", nil, request.word("camera"), result.code, request, services.clock.nowMs)))
  }
}
