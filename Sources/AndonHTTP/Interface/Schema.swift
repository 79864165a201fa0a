/// Building blocks of JSON Schema (2020-12) for both interface documents.
enum Schema {
  /// One property of an object.
  struct Property: Sendable {
    var name: String
    var schema: JSONValue
    var isRequired: Bool
  }

  static func required(_ name: String, _ schema: JSONValue) -> Property {
    Property(name: name, schema: schema, isRequired: true)
  }

  static func optional(_ name: String, _ schema: JSONValue) -> Property {
    Property(name: name, schema: schema, isRequired: false)
  }

  /// `isOpen`: other properties are ignored; otherwise they are not allowed.
  static func object(_ help: String, isOpen: Bool = false, _ properties: [Property]) -> JSONValue {
    .members([
      ("type", "object"), ("description", .string(help)),
      ("properties", .object(properties.map { .init(name: $0.name, value: $0.schema) })),
      ("required", .array(properties.filter(\.isRequired).map { .string($0.name) })),
      ("additionalProperties", .bool(isOpen)),
    ])
  }

  static func reference(_ name: String) -> JSONValue {
    .members([("$ref", .string("#/components/schemas/\(name)"))])
  }

  static func array(_ items: JSONValue, limit: Int? = nil, least: Int? = nil) -> JSONValue {
    .members([
      ("type", "array"), ("items", items), ("minItems", least.map { .integer(Int64($0)) }),
      ("maxItems", limit.map { .integer(Int64($0)) }),
    ])
  }

  static func text(_ help: String, limit: Int? = nil) -> JSONValue {
    .members([
      ("type", "string"), ("description", .string(help)), ("maxLength", limit.map { .integer(Int64($0)) }),
    ])
  }

  static func words(_ help: String, _ words: [String]) -> JSONValue {
    .members([
      ("type", "string"), ("description", .string(help)), ("enum", .array(words.map { .string($0) })),
    ])
  }

  static func flag(_ help: String) -> JSONValue {
    .members([("type", "boolean"), ("description", .string(help))])
  }

  static func count(_ help: String, most: Int64? = nil) -> JSONValue {
    .members([
      ("type", "integer"), ("description", .string(help)), ("minimum", 0),
      ("maximum", most.map { .integer($0) }),
    ])
  }

  static func integer(_ help: String) -> JSONValue {
    .members([("type", "integer"), ("description", .string(help))])
  }

  static func codes(_ help: String, _ codes: [Int64]) -> JSONValue {
    .members([
      ("type", "integer"), ("enum", .array(codes.map { .integer($0) })), ("description", .string(help)),
    ])
  }

  static func integerOrNull(_ help: String) -> JSONValue {
    .members([("type", ["integer", "null"]), ("description", .string(help))])
  }

  static func orNull(_ help: String, _ schema: JSONValue) -> JSONValue {
    .members([("description", .string(help)), ("anyOf", [schema, ["type": "null"]])])
  }

  /// Epoch milliseconds.
  static func instant(_ help: String) -> JSONValue {
    .members([
      ("type", "integer"), ("format", "int64"), ("description", .string(help + ", epoch milliseconds")),
    ])
  }

  static let timestampText: JSONValue = .members([
    ("type", "string"), ("format", "date-time"), ("description", "The same as text, UTC"),
  ])

  static func number(_ help: String, most: Int64? = nil) -> JSONValue {
    .members([
      ("type", "number"), ("description", .string(help)), ("minimum", 0),
      ("maximum", most.map { .integer($0) }),
    ])
  }

  /// A number that may be negative.
  static func difference(_ help: String) -> JSONValue {
    .members([("type", "number"), ("description", .string(help))])
  }

  /// 0…1.
  static func fraction(_ help: String) -> JSONValue { number(help, most: 1) }

  static func identifier(_ help: String) -> JSONValue {
    .members([
      ("type", "string"), ("description", .string(help)), ("pattern", "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"),
    ])
  }

  static func map(_ help: String, of values: JSONValue) -> JSONValue {
    .members([("type", "object"), ("description", .string(help)), ("additionalProperties", values)])
  }
}
