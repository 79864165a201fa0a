import AndonAccess
import AndonConfiguration
import AndonCore

extension Endpoint {
  /// Who the caller is.
  static let me = Endpoint(
    path: "/api/v1/me", operation: .me, summary: "Who you are, and what you may see and do.",
    answers: [.init(schema: "me", help: "The caller of this request.")]
  ) { request, _ in .json(mePayload.json(request.caller)) }

  static let mePayload = PayloadTable<Caller>(
    "The caller of a request.",
    [
      .optional("user", .text("The user's name; absent without a login")) { $0.user },
      .optional("role", .text("The role")) { $0.role?.rawValue },
      .optional("sites", .array(of: .identifier("A site that it may see; all of them when this is absent"))) {
        $0.sites?.sorted()
      },
      .required("may", .array(of: .text("A capability; docs/access.md lists them"))) { caller in
        Capability.allCases.filter(caller.may).map(\.rawValue)
      },
      .required("logged_in", .flag("It has a session, which can be ended")) { $0.proof == .session },
    ])
}
