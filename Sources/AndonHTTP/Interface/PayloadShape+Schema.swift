import AndonCore

extension PayloadTable {
  /// The JSON Schema of the payload.
  var schema: JSONValue { shape.schema }
}

extension PayloadShape {
  /// The JSON Schema of the value.
  var schema: JSONValue {
    switch self {
    case .instant(let help): Schema.instant(help)
    case .timestampText: Schema.timestampText
    case .identifier(let help): Schema.identifier(help)
    case .text(let help): Schema.text(help)
    case .words(let help, let words): Schema.words(help, words)
    case .flag(let help): Schema.flag(help)
    case .integer(let help): Schema.integer(help)
    case .count(let help, let most): Schema.count(help, most: most)
    case .codes(let help, let codes): Schema.codes(help, codes)
    case .number(let help, let most): Schema.number(help, most: most)
    case .difference(let help): Schema.difference(help)
    case .array(let element, let least, let most): Schema.array(element.schema, limit: most, least: least)
    case .map(let help, let values): Schema.map(help, of: values.schema)
    case .object(let help, let properties):
      Schema.object(
        help, properties.map { .init(name: $0.name, schema: $0.shape.schema, isRequired: $0.isRequired) })
    case .reference(let name): Schema.reference(name)
    case .integerOrNull(let help): Schema.integerOrNull(help)
    case .orNull(let help, let shape): Schema.orNull(help, shape.schema)
    }
  }
}
