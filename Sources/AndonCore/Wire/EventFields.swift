/// The ranges of an event object's fields. Stored inline, so that an event costs no allocation.
struct EventFields {
  static let count = 12
  private var values = InlineArray<12, JSONValueRange?>(repeating: nil)

  subscript(field: EventField) -> JSONValueRange? {
    get { values[field.rawValue] }
    set { values[field.rawValue] = newValue }
  }
}
