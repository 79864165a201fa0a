import AndonCore
import AndonIngest
import AndonRuntime

extension Endpoint {
  /// Sends a command to the site's ingest loop and answers after its commit.
  ///
  /// - Parameters:
  ///   - cmd: `group/name`.
  ///   - read: the command, or why the request is none.
  static func perform(
    _ cmd: String, _ read: Result<SiteCommandQueue.Work, CommandRefusal>, _ request: APIRequest,
    _ services: APIServices
  ) async throws -> APIReply {
    let requests = try services.requests(of: try services.site(request))
    let result: CommandResult
    switch read {
    // The request itself is wrong, as with any other parameter.
    case .failure(let refusal) where refusal.result.code == "bad_request":
      throw Problem(status: 400, code: "bad_request", detail: refusal.result.detail ?? "")
    case .failure(let refusal): result = refusal.result
    case .success(let work): result = await requests.send(work)
    }
    guard result.isOK else { throw Problem(refused: result) }
    return .json(
      APIAnswers.commandResult.json((cmd, nil, nil, result.code, request, services.clock.nowMs)))
  }
}
