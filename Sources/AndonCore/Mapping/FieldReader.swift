/// Reads one field of an event: takes the first source that has a value, maps and converts it.
struct FieldReader {
  let field: MappingField
  let nowMs: Int64
  let assumeUTC: Bool

  /// The value of a field.
  struct Value {
    var origin: String
    /// JSON text; `EventReader` judges it.
    var json: [UInt8]
  }

  /// Nil when no source has a value. Throws for a value that this field cannot have.
  func value(
    _ sources: [MappingSource], _ values: inout MessageValues, _ bytes: Span<UInt8>
  ) throws(Rejection) -> Value? {
    var unmapped: String?
    for source in sources {
      if source.origin == .receipt || source.unit == .receipt {
        return Value(origin: "receipt", json: Array(String(nowMs).utf8))
      }
      guard let raw = values.value(source.origin, bytes) else { continue }
      guard raw != .container else {
        throw refusal("must be one value, not an object or array, at \(source.description)")
      }
      guard let map = source.map, let text = raw.text else {
        return Value(origin: source.description, json: try json(raw, source))
      }
      if let mapped = map[text] {
        return Value(
          origin: "\(source.description) \"\(Self.excerpt(text))\"", json: try json(.text(mapped), source))
      }
      if unmapped == nil { unmapped = text }
    }
    if let unmapped { throw refusal("\"\(Self.excerpt(unmapped))\" is not in the map") }
    return nil
  }

  private func json(_ value: MappedScalar, _ source: MappingSource) throws(Rejection) -> [UInt8] {
    switch field {
    case .cameraID, .workerID, .workstationID: try identifier(value, source)
    case .eventType, .modelVersion, .eventID, .bootID: quoted(value.text ?? "")
    case .confidence: try confidence(value, source)
    case .count, .sequence: count(value)
    case .timestamp: try timestamp(value, source)
    }
  }

  /// A whole number stands for its digits, as in Andon's own events.
  private func identifier(_ value: MappedScalar, _ source: MappingSource) throws(Rejection) -> [UInt8] {
    switch value {
    case .text(let text): return quoted(source.coercion == .id ? Self.identifier(text) : text)
    case .number(let digits) where digits.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }):
      return quoted(digits)
    case .number, .bool, .container: throw refusal("must be text or a whole number")
    }
  }

  /// Each run of characters that no id may have becomes one `_`; leading ones are dropped.
  static func identifier(_ text: String) -> String {
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      let isPlain = Identifier.isAlphanumeric(byte)
      if isPlain || ((byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")) && !bytes.isEmpty) {
        bytes.append(byte)
      } else if let last = bytes.last, last != UInt8(ascii: "_") {
        bytes.append(UInt8(ascii: "_"))
      }
    }
    while bytes.count > 1, bytes.last == UInt8(ascii: "_") { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func confidence(_ value: MappedScalar, _ source: MappingSource) throws(Rejection) -> [UInt8] {
    guard let numeral = value.numeral else { throw refusal("must be a number") }
    guard source.coercion == .percent else { return Array(numeral.utf8) }
    let bytes = Array(numeral.utf8)
    do throws(DecimalFraction.Failure) {
      let ppm = try DecimalFraction.ppm(0..<bytes.count, bytes.span, shift: -2)
      var json: [UInt8] = []
      JSONWriter.append(scaled: Int64(ppm), digits: 6, to: &json)
      return json
    } catch {
      throw refusal(error == .negative ? "must be >= 0" : "must be <= 100 percent")
    }
  }

  /// `12`, `"12"` and `12.0` are all twelve. Anything else is passed on as it is; `EventReader` refuses it.
  private func count(_ value: MappedScalar) -> [UInt8] {
    guard let numeral = value.numeral else { return quoted(value.text ?? "") }
    let bytes = Array(numeral.utf8)
    guard let (whole, isExact) = ExactDecimal.scaled(0..<bytes.count, bytes.span, power: 0), isExact else {
      return bytes
    }
    return Array(String(whole).utf8)
  }

  private func timestamp(_ value: MappedScalar, _ source: MappingSource) throws(Rejection) -> [UInt8] {
    switch source.unit {
    case nil:
      if case .number(let numeral) = value { return Array(numeral.utf8) }
      return quoted(value.text ?? "")
    case .rfc3339:
      guard case .text(let text) = value else { throw time("must be RFC 3339 text") }
      do {
        return Array(String(try Timestamp.parse(Array(text.utf8).span, assumeUTC: assumeUTC)).utf8)
      } catch {
        throw time(error.detail)
      }
    case .secondsWithFraction: return try milliseconds(value, power: 3, mustBeWhole: false)
    case .seconds: return try milliseconds(value, power: 3, mustBeWhole: true)
    case .milliseconds: return try milliseconds(value, power: 0, mustBeWhole: true)
    case .receipt: return Array(String(nowMs).utf8)
    }
  }

  private func milliseconds(
    _ value: MappedScalar, power: Int, mustBeWhole: Bool
  ) throws(Rejection) -> [UInt8] {
    guard let numeral = value.numeral else { throw time("must be a number") }
    let bytes = Array(numeral.utf8)
    // The number itself must be whole: 12.5 s is refused although 12 500 ms is an integer.
    if mustBeWhole, ExactDecimal.scaled(0..<bytes.count, bytes.span, power: 0)?.isExact != true {
      throw time("must be a whole number")
    }
    guard let scaled = ExactDecimal.scaled(0..<bytes.count, bytes.span, power: power) else {
      throw time("is out of range")
    }
    return Array(String(scaled.value).utf8)
  }

  private func quoted(_ text: String) -> [UInt8] {
    var json: [UInt8] = []
    JSONWriter.append(quoted: text, to: &json)
    return json
  }

  private func refusal(_ detail: String) -> Rejection {
    Rejection(code: .schema, field: field.rawValue, detail: detail)
  }

  private func time(_ detail: String) -> Rejection {
    Rejection(code: .timestamp, field: field.rawValue, detail: detail)
  }

  static func excerpt(_ text: String) -> String { text.utf8.count > 60 ? text.prefix(60) + "…" : text }
}
