/// Where the fields of one event object lie.
struct EventFields {
  private var values: [JSONValueRange?] = Array(repeating: nil, count: EventField.allCases.count)

  mutating func removeAll() {
    for index in values.indices { values[index] = nil }
  }

  subscript(field: EventField) -> JSONValueRange? {
    get { values[field.rawValue] }
    set { values[field.rawValue] = newValue }
  }
}
