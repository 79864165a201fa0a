import AndonAccess
import AndonConfiguration
import AndonCore
import AndonIngest
import AndonRuntime
import AndonStore

extension Endpoint {
  /// Commands on what is held about one person.
  static let workers: [Endpoint] = [
    Endpoint(
      method: .post, path: "/api/v1/sites/{site}/workers/erase", operation: .eraseWorker,
      summary: "Erase the identity of a worker.",
      detail: """
        Events stay without the worker, so that figures of workstations, lines, areas and the site stay the same. \
        The answer comes after the commit; retained topics are emptied and the file is cleaned after that. The same \
        as `andon worker erase`, without its search of files and backups.
        """,
      parameters: [
        .site,
        .init(
          name: "worker_id", kind: .identifier, isRequired: true,
          help: "The worker; at a site with pseudonyms, the pseudonym."),
        .init(name: "dry_run", kind: .flag, help: "Only count what would be erased."),
      ],
      answers: [.init(schema: "erasure_result", help: "Committed, or counted.")], problems: [503]
    ) { request, services in
      let site = try services.site(request)
      let command = EraseCommand(
        workerID: request.word("worker_id"), isTrial: request.text("dry_run") == "true")
      let result = await (try services.requests(of: site)).send(.erase(command))
      guard let report = result.erasure else {
        throw Problem.busy(
          503, code: result.code, result.detail ?? "the site does not take it now", retryAfterSeconds: 5)
      }
      return .json(APIAnswers.erasureResult.json((site.id, services.clock.nowMs, report)))
    }
  ]
}
