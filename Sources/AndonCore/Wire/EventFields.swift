/// Where the fields of one event object lie. Held in place, so that an event costs no allocation.
struct EventFields {
  private var values = InlineArray<10, JSONValueRange?>(repeating: nil)

  subscript(field: EventField) -> JSONValueRange? {
    get { values[field.rawValue] }
    set { values[field.rawValue] = newValue }
  }
}
