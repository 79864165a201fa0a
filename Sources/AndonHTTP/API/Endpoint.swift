import Foundation

/// One HTTP endpoint: its route, parameters, documentation and answer.
///
/// The router and the OpenAPI document are made from the same list, so they cannot disagree.
struct Endpoint: Sendable {
  enum Method: String, Sendable { case get = "GET", post = "POST" }

  /// An answer other than a problem.
  struct Answer: Sendable {
    var status = 200
    var contentType = "application/json"
    /// The name of the schema in `InterfaceSchemas`; nil for bodies that are not JSON.
    var schema: String?
    var help: String
    /// A browser gets a page.
    var hasPage = false

    /// A list may be asked for as CSV.
    var isList: Bool { schema?.hasSuffix("_list") ?? false }
  }

  var method: Method = .get
  /// With parameters in braces, e.g. `/api/v1/sites/{site}/kpi`.
  var path: String
  /// Unique; says what a caller needs.
  var operation: Operation
  var summary: String
  var detail = ""
  var parameters: [APIParameter] = []
  /// The schema of the request body.
  var bodySchema: String?
  var answers: [Answer]
  /// Possible problems besides 400, 401, 403, 404, 405, 413, 415, 421, 429 and 500.
  var problems: [Int] = []
  /// How long one answer is shared by equal requests, milliseconds.
  var sharedForMs: Int64 = 0
  var answer: @Sendable (APIRequest, APIServices) async throws -> APIReply

  /// The `operationId`.
  var name: String { operation.rawValue }

  /// The segments of the path; `{name}` matches any one.
  var segments: [Substring] { path.split(separator: "/") }

  /// Whether equal requests share an answer. What people type is asked for once: it would only push out other answers.
  func isShared(_ call: APIRequest) -> Bool { sharedForMs > 0 && call.text("find") == nil }

  /// The values of the path parameters when the path matches, else nil. The parts are percent-encoded.
  func match(_ parts: [Substring]) -> [String: String]? {
    let own = segments
    guard own.count == parts.count else { return nil }
    var values: [String: String] = [:]
    for (pattern, part) in zip(own, parts) {
      if pattern.hasPrefix("{") {
        guard let text = String(part).removingPercentEncoding else { return nil }
        values[String(pattern.dropFirst().dropLast())] = text
      } else if pattern != part {
        return nil
      }
    }
    return values
  }
}
