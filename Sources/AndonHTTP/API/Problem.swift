import AndonCore

/// Why a request failed, in the form of RFC 9457 (problem details).
package struct Problem: Error, Sendable {
  var status: Int
  /// For programs; never changes.
  var code: String
  /// For people: what was wrong, and where.
  var detail: String
  /// The parameter, header or part of the request that is wrong.
  var field: String?
  var headers: [(name: String, value: String)] = []

  static func parameter(_ name: String, _ detail: String) -> Problem {
    Problem(status: 400, code: "bad_parameter", detail: "\(name) \(detail)", field: name)
  }

  static func notFound(_ detail: String, code: String = "not_found") -> Problem {
    Problem(status: 404, code: code, detail: detail)
  }

  static func unknownSite(_ id: String) -> Problem {
    .notFound("this bridge has no site \"\(id)\"", code: "unknown_site")
  }

  static func busy(_ status: Int, code: String, _ detail: String, retryAfterSeconds: Int) -> Problem {
    Problem(
      status: status, code: code, detail: detail, headers: [("Retry-After", "\(retryAfterSeconds)")])
  }

  var reply: APIReply {
    var reply = APIReply.json(Self.payload.json(self), status: status)
    reply.contentType = "application/problem+json"
    reply.headers = headers
    return reply
  }

  static let payload = PayloadTable<Problem>(
    "RFC 9457.",
    [
      .required("type", .text("about:blank")) { _ in "about:blank" },
      .required("title", .text("Of the status")) { titles[$0.status] ?? "Error" },
      .required("status", .integer("The HTTP status")) { $0.status },
      .required("code", .text("For programs; never changes")) { $0.code },
      .required("detail", .text("For people: what and where")) { $0.detail },
      .optional("field", .text("The parameter or header to blame")) { $0.field },
    ])

  /// The statuses that Andon uses, with their names (RFC 9110, RFC 6585).
  static let titles: [Int: String] = [
    200: "OK", 303: "See Other", 304: "Not Modified", 400: "Bad Request", 401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable", 408: "Request Timeout",
    409: "Conflict", 413: "Content Too Large", 415: "Unsupported Media Type",
    421: "Misdirected Request", 422: "Unprocessable Content",
    429: "Too Many Requests", 500: "Internal Server Error", 501: "Not Implemented",
    503: "Service Unavailable", 505: "HTTP Version Not Supported",
  ]
}
