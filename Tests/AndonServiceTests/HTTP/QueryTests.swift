import TestSupport
import Testing

@testable import AndonHTTP

@Suite(.ownThread) struct QueryTests {
  private static let endpoint = Endpoint(
    path: "/x/{site}", operation: .me, summary: "",
    parameters: [
      .site, .limit, .scope, .from, .init(name: "type", kind: .text(limit: 8), isRequired: true, help: ""),
    ],
    answers: []
  ) { _, _ in .text("") }

  private func read(_ query: String, site: String = "plant-a") -> Result<APIRequest, Problem> {
    var request = APIRequest(values: ["site": site], nowMs: 0)
    do { try QueryReader.read(query, Self.endpoint, into: &request) } catch { return .failure(error) }
    return .success(request)
  }

  @Test func defaultsAndDecoding() throws {
    let request = try read("type=a%2Fb+c&from=2026-01-15T10:15:00%2B01:00").get()
    #expect(
      request.word("type") == "a/b c" && request.integer("limit") == 100 && request.word("scope") == "site")
    #expect(request.instantMs("from") == 1_768_468_500_000)
    #expect(try read("type=a&from=5&limit=7").get().instantMs("from") == 5)
  }

  @Test(arguments: [
    ("", "type is required"), ("type=a&type=b", "type is given twice"), ("type=", "type must be 1 to 8"),
    ("type=123456789", "type must be 1 to 8"),
    ("type=a&limt=5", "limt is no parameter of this; did you mean limit?"),
    ("type=a&limit=0", "limit must be a whole number in 1…1000"), ("type=a&limit=1e3", "limit must be"),
    ("type=a&limit=%31", nil),
    ("type=a&scope=plant", "scope must be one of site, area, line, workstation, worker"),
    ("type=a&from=2026-02-30T00:00:00Z", "from must be RFC 3339"), ("type=a&from=-1", "from must be"),
    ("type=a&from=99999999999999999999", "from must be"), ("type=%FF", "percent-encoded"),
    ("type=a%00", "type must be"), ("type=a&site=plant-b", "site is no parameter of this"),
  ])
  func complaints(_ query: String, _ detail: String?) {
    switch (read(query), detail) {
    case (.success, nil): break
    case (.failure(let problem), .some(let detail)):
      #expect(problem.status == 400 && problem.detail.contains(detail), "\(problem.detail)")
    default: Issue.record("\(query)")
    }
  }

  @Test func aPathThatCannotBeIsNotFound() {
    guard case .failure(let problem) = read("type=a", site: "no site") else {
      Issue.record("taken")
      return
    }
    #expect(problem.status == 404)
  }

  @Test func pathsMatchByParts() {
    let parts = "/x/plant%2Da".split(separator: "/")
    #expect(Self.endpoint.match(parts) == ["site": "plant-a"])
    #expect(Self.endpoint.match(["x"]) == nil && Self.endpoint.match(["y", "a"]) == nil)
    #expect(Self.endpoint.match(["x", "%FF"]) == nil)
  }

  /// Every parameter in braces in a path is declared, and every declared path parameter is in the path.
  @Test func everyEndpointIsWhole() {
    for served in [Endpoint.all, Endpoint.ofOverview] {
      #expect(Set(served.map(\.name)).count == served.count)
    }
    for endpoint in Endpoint.all + Endpoint.fleet {
      let inPath = endpoint.segments.filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
      #expect(inPath == endpoint.parameters.filter { $0.place == .path }.map(\.name), "\(endpoint.path)")
      for answer in endpoint.answers {
        guard let schema = answer.schema else { continue }
        #expect(
          (InterfaceSchemas.all + InterfaceSchemas.ofOverview).contains { $0.name == schema }, "\(schema)")
      }
    }
  }
}
