import AndonAccess
import AndonConfiguration
import AndonStore

/// Writes to the access log what a request is about to see. Where reading is open to everybody there is no
/// name to record, and nothing is recorded.
struct LookRecorder: Sendable {
  let request: APIRequest
  let operation: Operation
  let client: String
  let services: APIServices

  private var isRecorded: Bool { request.caller.proof != .none && operation.showsWorkers(request) }

  /// - Throws: when the row cannot be written; then the reply must not be sent.
  func record(_ reply: APIReply) async throws {
    guard isRecorded, operation != .stream, reply.status == 200 else { return }
    // An endpoint that does not say whom it shows may show anybody.
    let look = reply.look ?? Look(subjects: 0)
    guard reply.look == nil || look.showsSomebody else { return }
    try await write(look, site: request.word("site"))
  }

  /// One row for the connection, at each site that it may show.
  func recordStream() async throws {
    guard isRecorded else { return }
    let sites = request.text("site").map { [$0] } ?? services.sites.map(\.id).filter(request.caller.sees)
    for site in sites { try await write(Look(subjects: 0, fromMs: request.nowMs), site: site) }
  }

  private func write(_ look: Look, site: String) async throws {
    let reason = request.text("reason") ?? request.reason
    let row = AccessRow(
      atMs: request.nowMs, user: request.caller.shownName, proof: request.caller.proof.rawValue,
      address: client, operation: operation.rawValue, workerID: look.workerID ?? "", subjects: look.subjects,
      fromMs: look.fromMs, toMs: look.toMs, reason: Self.line(reason))
    try await services.accessLog(of: site).append(row)
  }

  /// At most 200 characters without control characters.
  private static func line(_ text: String) -> String {
    String(
      String.UnicodeScalarView(text.unicodeScalars.filter { $0.value >= 32 && $0.value != 127 }.prefix(200)))
  }
}
