/// The ranges of an event object's fields. Stored inline, so that an event costs no allocation.
struct EventFields {
  static let count = 12
  private var values = InlineArray<12, JSONValueRange?>(repeating: nil)

  init() {}

  /// Scans an object that begins at the scanner's position: all its keys are distinct, and the values of the known ones
  /// are kept.
  init(_ scanner: inout JSONScanner, _ bytes: Span<UInt8>, depth: Int) throws(JSONFailure) {
    var fields = EventFields()
    var others = JSONKeySet()
    try scanner.object(bytes, depth: depth) { (scanner, key) throws(JSONFailure) in
      let field = EventField.named(key, bytes)
      if let field {
        guard fields[field] == nil else { throw scanner.failure("duplicate key") }
      } else {
        guard others.insert(key, bytes) else { throw scanner.failure("duplicate key") }
      }
      let value = try scanner.value(bytes, depth: depth + 1)
      if let field { fields[field] = value }
    }
    self = fields
  }

  subscript(field: EventField) -> JSONValueRange? {
    get { values[field.rawValue] }
    set { values[field.rawValue] = newValue }
  }
}
