import AndonConfiguration
import Foundation

/// Parses the query and checks it against the endpoint's parameters: unknown, repeated, missing and malformed
/// ones are refused.
enum QueryReader {
  static func read(_ query: String, _ endpoint: Endpoint, into request: inout APIRequest) throws(Problem) {
    for pair in query.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = decoded(parts[0]), let value = decoded(parts.count > 1 ? parts[1] : "") else {
        throw Problem(status: 400, code: "bad_query", detail: "the query is not percent-encoded UTF-8")
      }
      guard endpoint.parameters.contains(where: { $0.place == .query && $0.name == name }) else {
        let known = endpoint.parameters.filter { $0.place == .query }.map(\.name)
        throw .parameter(
          String(name.prefix(64)), "is no parameter of this" + Suggestion.text(for: name, among: known))
      }
      guard request.values[name] == nil else { throw .parameter(name, "is given twice") }
      request.values[name] = value
    }
    if endpoint.method == .post, endpoint.bodySchema == nil { try readBody(endpoint, into: &request) }
    for parameter in endpoint.parameters {
      guard let value = request.values[parameter.name] else {
        if parameter.isRequired { throw .parameter(parameter.name, "is required") }
        request.values[parameter.name] = parameter.fallback
        continue
      }
      if let complaint = parameter.complaint(about: value) {
        // An invalid path parameter is an unknown address, not a bad request.
        if parameter.place == .path { throw .notFound("\(parameter.name) \(complaint)") }
        throw .parameter(parameter.name, complaint)
      }
    }
  }

  /// The parameters of a command may come as a JSON object, each with its JSON type.
  private static func readBody(_ endpoint: Endpoint, into request: inout APIRequest) throws(Problem) {
    guard request.body.contains(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) else { return }
    guard let object = try? JSONDecoder().decode([String: BodyValue].self, from: Data(request.body)) else {
      throw Problem(
        status: 400, code: "bad_body",
        detail: "the body must be empty or a JSON object of the query's parameters: text, whole numbers, true"
      )
    }
    for (name, value) in object.sorted(by: { $0.key < $1.key }) {
      guard let parameter = endpoint.parameters.first(where: { $0.place == .query && $0.name == name }) else {
        let known = endpoint.parameters.filter { $0.place == .query }.map(\.name)
        throw .parameter(
          String(name.prefix(64)), "is no parameter of this" + Suggestion.text(for: name, among: known))
      }
      guard request.values[name] == nil else { throw .parameter(name, "is given twice") }
      switch (value, parameter.kind) {
      case (.flag(true), .flag): request.values[name] = "true"
      case (_, .flag): throw .parameter(name, "must be true")
      case (.integer(let number), .integer), (.integer(let number), .instant),
        (.integer(let number), .identifier):
        request.values[name] = String(number)
      case (_, .integer): throw .parameter(name, "must be a whole number")
      case (.text(let text), _): request.values[name] = text
      default: throw .parameter(name, "must be text")
      }
    }
  }

  private enum BodyValue: Decodable {
    case flag(Bool)
    case integer(Int64)
    case text(String)

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if let flag = try? value.decode(Bool.self) {
        self = .flag(flag)
      } else if let number = try? value.decode(Int64.self) {
        self = .integer(number)
      } else {
        self = .text(try value.decode(String.self))
      }
    }
  }

  /// As in HTML forms: `+` is a space.
  static func decoded(_ text: Substring) -> String? {
    text.replacing("+", with: " ").removingPercentEncoding
  }
}
