import Foundation

/// One thing that can be asked over HTTP: how it is routed, checked, documented and answered.
///
/// The router and the OpenAPI document are both made from the list of these, so they cannot disagree.
struct Endpoint: Sendable {
  enum Method: String, Sendable { case get = "GET", post = "POST" }

  /// Who may ask.
  enum Access: Sendable {
    /// Anyone: probes, and files without data.
    case open
    /// Needs the token where reading does.
    case read
    /// Needs the token always.
    case write
  }

  /// What it may answer, beside problems.
  struct Answer: Sendable {
    var status = 200
    var contentType = "application/json"
    /// The name of the schema in `InterfaceSchemas`; nil for what is no JSON.
    var schema: String?
    var help: String
  }

  var method: Method = .get
  /// With parameters in braces, e.g. `/api/v1/sites/{site}/kpi`.
  var path: String
  /// Unique; the `operationId`.
  var name: String
  var summary: String
  var detail = ""
  var access: Access = .read
  var parameters: [APIParameter] = []
  /// The schema of the body that is expected.
  var bodySchema: String?
  var answers: [Answer]
  /// The problems it may answer with, beside 400, 401, 403, 404, 405, 413, 415, 421, 429 and 500.
  var problems: [Int] = []
  /// How long one answer serves everyone who asks the same, milliseconds.
  var sharedForMs: Int64 = 0
  var answer: @Sendable (APIRequest, APIServices) async throws -> APIReply

  /// The path's parts; `{name}` stands for any one.
  var segments: [Substring] { path.split(separator: "/") }

  /// The path parameters' values when the path fits, else nil. Parts are percent-encoded as they came.
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
