import AndonAccess
import AndonCore
import AndonRuntime

/// The HTTP interface as OpenAPI 3.1, made from the list of endpoints.
package enum OpenAPIDocument {
  package static let bytes = document.bytes
  /// Of `andon overview`.
  package static let overviewBytes = overview.bytes

  /// For `docs/openapi.json`.
  package static var prettyBytes: [UInt8] { document.prettyBytes }
  /// For `docs/openapi-overview.json`.
  package static var prettyOverviewBytes: [UInt8] { overview.prettyBytes }

  private static let document = document(
    of: Endpoint.all, schemas: InterfaceSchemas.all,
    summary: "Figures, events and alerts of a plant, and events in.")
  private static let overview = document(
    of: Endpoint.ofOverview, schemas: InterfaceSchemas.ofOverview,
    summary: "All sites of all brokers: how each is, and their open alerts.")

  private static func document(
    of endpoints: [Endpoint], schemas: [InterfaceSchemas.Entry], summary: String
  ) -> JSONValue {
    .members([
      ("openapi", "3.1.0"),
      (
        "info",
        .members([
          ("title", "Andon"), ("version", .string(AndonVersion.text)),
          ("summary", .string(summary)),
          (
            "description",
            """
            Reading needs no token on a loopback listener unless http.token_for_reads is set; elsewhere it does. \
            Writing always does. With http.users_file every request needs a user, whose role and sites decide. Errors are problem details (RFC 9457). HEAD works wherever GET does. \
            Instants are RFC 3339 with an offset, or epoch milliseconds.
            """
          ), ("license", ["name": "Apache-2.0", "identifier": "Apache-2.0"]),
        ])
      ), ("servers", [["url": "/"]]), ("paths", .object(paths(endpoints))),
      (
        "components",
        .members([
          ("schemas", .object(schemas.map { .init(name: $0.name, value: $0.schema) })),
          (
            "securitySchemes",
            [
              "token": ["type": "http", "scheme": "bearer"],
              "session": ["type": "apiKey", "in": "cookie", "name": "andon"],
            ]
          ),
        ])
      ),
    ])
  }

  private static func paths(_ endpoints: [Endpoint]) -> [JSONValue.Member] {
    var order: [String] = []
    for endpoint in endpoints where !order.contains(endpoint.path) { order.append(endpoint.path) }
    return order.map { path in
      let operations = endpoints.filter { $0.path == path }
      return .init(
        name: path,
        value: .object(
          operations.map { .init(name: $0.method.rawValue.lowercased(), value: operation($0)) }))
    }
  }

  private static func operation(_ endpoint: Endpoint) -> JSONValue {
    let security: JSONValue? =
      switch endpoint.operation.need {
      case .nothing: nil
      case .capability(let capability) where !capability.isWriting:
        [.object([]), ["token": []], ["session": []]]
      case .capability, .capabilityEverywhere: [["token": []], ["session": []]]
      }
    return .members([
      ("operationId", .string(endpoint.name)), ("summary", .string(endpoint.summary)),
      ("description", endpoint.detail.isEmpty ? nil : .string(endpoint.detail)),
      (
        "parameters",
        endpoint.parameters.isEmpty ? nil : .array(endpoint.parameters.map(parameter))
      ),
      (
        "requestBody",
        requestBody(endpoint)
      ), ("responses", responses(endpoint)), ("security", security),
    ])
  }

  /// The schema of the body; for commands an object of the query parameters, which may be sent in the body
  /// too.
  private static func requestBody(_ endpoint: Endpoint) -> JSONValue? {
    if let name = endpoint.bodySchema {
      return .members([
        ("required", true), ("content", ["application/json": ["schema": Schema.reference(name)]]),
      ])
    }
    let parameters = endpoint.parameters.filter { $0.place == .query }
    guard endpoint.method == .post, !parameters.isEmpty else { return nil }
    let properties = parameters.map { JSONValue.Member(name: $0.name, value: schema($0)) }
    let object: JSONValue = .members([
      ("type", "object"), ("properties", .object(properties)), ("additionalProperties", false),
    ])
    return .members([
      ("required", false), ("description", "Parameters of the query, instead of there."),
      ("content", ["application/json": ["schema": object]]),
    ])
  }

  private static func parameter(_ parameter: APIParameter) -> JSONValue {
    .members([
      ("name", .string(parameter.name)), ("in", .string(parameter.place.rawValue)),
      ("required", .bool(parameter.isRequired)), ("description", .string(parameter.help)),
      ("schema", schema(parameter)),
    ])
  }

  private static func schema(_ parameter: APIParameter) -> JSONValue {
    let fallback: JSONValue? = parameter.fallback.map { .string($0) }
    switch parameter.kind {
    case .identifier:
      return .members([
        ("type", "string"), ("pattern", "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"), ("default", fallback),
      ])
    case .text(let limit):
      return .members([
        ("type", "string"), ("minLength", 1), ("maxLength", .integer(Int64(limit))), ("default", fallback),
      ])
    case .flag: return .members([("type", "boolean"), ("enum", [true])])
    case .words(let words):
      return .members([
        ("type", "string"), ("enum", .array(words.map { .string($0) })), ("default", fallback),
      ])
    case .integer(let range):
      return .members([
        ("type", "integer"), ("minimum", .integer(Int64(range.lowerBound))),
        ("maximum", .integer(Int64(range.upperBound))),
        ("default", parameter.fallback.flatMap { Int64($0) }.map { .integer($0) }),
      ])
    case .instant:
      return .members([
        (
          "oneOf",
          [
            ["type": "string", "format": "date-time"],
            ["type": "integer", "minimum": 0, "maximum": 4_102_444_800_000],
          ]
        )
      ])
    }
  }

  private static func responses(_ endpoint: Endpoint) -> JSONValue {
    var members = endpoint.answers.map { answer in
      JSONValue.Member(
        name: "\(answer.status)",
        value: .members([
          ("description", .string(answer.help)),
          (
            "content",
            .object(
              [
                .init(
                  name: answer.contentType,
                  value: .members([
                    ("schema", answer.schema.map(Schema.reference) ?? bare(answer.contentType))
                  ]))
              ] + (answer.isList ? [.init(name: "text/csv", value: ["schema": bare("text/csv")])] : [])
                + (answer.hasPage ? [.init(name: "text/html", value: ["schema": bare("text/html")])] : []))
          ),
        ]))
    }
    for status in problems(endpoint) {
      let content: JSONValue = ["application/problem+json": ["schema": Schema.reference("problem")]]
      if let index = members.firstIndex(where: { $0.name == "\(status)" }) {
        // A plain answer and a problem may share a status.
        guard case .object(var parts) = members[index].value, case .object(let own) = parts[1].value,
          case .object(let more) = content
        else { continue }
        parts[1].value = .object(own + more)
        members[index].value = .object(parts)
      } else {
        members.append(
          .init(
            name: "\(status)",
            value: .members([("description", .string(Problem.titles[status] ?? "")), ("content", content)])))
      }
    }
    return .object(members)
  }

  private static func bare(_ contentType: String) -> JSONValue {
    contentType == "application/json" ? ["type": "object"] : ["type": "string"]
  }

  private static func problems(_ endpoint: Endpoint) -> [Int] {
    var statuses: Set<Int> = [400, 403, 404, 405, 421, 429, 500]
    if endpoint.operation.need != .nothing { statuses.insert(401) }
    if endpoint.method == .post { statuses.formUnion([413, 415]) }
    return statuses.union(endpoint.problems).sorted()
  }
}
