import Foundation

/// Takes the query apart and holds it against the endpoint's parameters: nothing unknown, nothing twice, nothing
/// missing, nothing malformed gets through.
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
    for parameter in endpoint.parameters {
      guard let value = request.values[parameter.name] else {
        if parameter.isRequired { throw .parameter(parameter.name, "is required") }
        request.values[parameter.name] = parameter.fallback
        continue
      }
      if let complaint = parameter.complaint(about: value) {
        // A path that names nothing there is a wrong address, not a wrong question.
        if parameter.place == .path { throw .notFound("\(parameter.name) \(complaint)") }
        throw .parameter(parameter.name, complaint)
      }
    }
  }

  /// As HTML forms write it: `+` is a space.
  private static func decoded(_ text: Substring) -> String? {
    text.replacing("+", with: " ").removingPercentEncoding
  }
}
