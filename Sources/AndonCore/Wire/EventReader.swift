/// From the scanned fields of one object to an event, or the one reason why not.
///
/// Reasons are looked for in the order schema, timestamp, mismatch, age: so one mistake has one name.
struct EventReader {
  let context: DecodeContext
  private static let idRule = "must be 1 to 64 of [A-Za-z0-9_-], beginning with a letter or digit"

  func event(_ fields: EventFields, _ bytes: Span<UInt8>) throws(Rejection) -> Event {
    let kind = try kind(fields[.eventType], bytes)
    let workstation = try identifier(.workstationID, fields, bytes)
    guard let workstation else { throw Self.schema(.workstationID, "is required") }
    let worker = try identifier(.workerID, fields, bytes)
    guard worker != nil || kind == .productCount else { throw Self.schema(.workerID, "is required") }
    let confidence = try confidence(fields[.confidence], kind, bytes)
    let count = try count(fields[.count], kind, bytes)
    let model = try modelVersion(fields[.modelVersion], bytes)
    if let value = fields[.eventID], Self.eventID(fields, bytes) == nil {
      throw Self.schema(
        .eventID, value.kind == .string ? "must be 1 to 64 of [A-Za-z0-9._:-]" : "must be a string")
    }
    let timestampMs = try timestamp(fields[.timestamp], bytes)
    try match(.siteID, context.siteID, fields, bytes)
    try match(.cameraID, context.cameraID, fields, bytes)
    try checkAge(timestampMs)
    return Event(
      timestampMs: timestampMs, workerID: worker ?? "", workstationID: workstation, kind: kind,
      confidencePpm: confidence, count: count, eventID: Self.eventID(fields, bytes) ?? "", modelVersion: model
    )
  }

  /// The sender's id if it is a legal one.
  static func eventID(_ fields: EventFields, _ bytes: Span<UInt8>) -> String? {
    guard let value = fields[.eventID], value.kind == .string else { return nil }
    let text = JSONText.string(value, bytes)
    let isLegal = text.utf8.allSatisfy { byte in
      Identifier.isAlphanumeric(byte) || [0x2E, 0x5F, 0x3A, 0x2D].contains(byte)
    }
    return isLegal && (1...64).contains(text.utf8.count) ? text : nil
  }

  private static func schema(_ field: EventField, _ detail: String) -> Rejection {
    Rejection(code: .schema, field: field.name.description, detail: detail)
  }

  private func kind(_ value: JSONValueRange?, _ bytes: Span<UInt8>) throws(Rejection) -> EventKind {
    guard let value else { throw Self.schema(.eventType, "is required") }
    guard value.kind == .string, let kind = EventKind(name: JSONText.string(value, bytes)) else {
      throw Self.schema(.eventType, "must be working, idle, absent or product_count")
    }
    return kind
  }

  private func identifier(
    _ field: EventField, _ fields: EventFields, _ bytes: Span<UInt8>
  ) throws(Rejection) -> String? {
    guard let value = fields[field] else { return nil }
    switch value.kind {
    case .string:
      let text = JSONText.string(value, bytes)
      guard Identifier.isValid(text) else { throw Self.schema(field, Self.idRule) }
      return text
    case .number:
      // An integer stands for its decimal text; 1.0 and 1e3 are no integers.
      let text = JSONText.string(value.range, bytes)
      guard Identifier.isValid(text), text.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }) else {
        throw Self.schema(field, Self.idRule)
      }
      return text
    default: throw Self.schema(field, Self.idRule)
    }
  }

  private func confidence(
    _ value: JSONValueRange?, _ kind: EventKind, _ bytes: Span<UInt8>
  ) throws(Rejection) -> Int32? {
    guard let value else {
      guard kind == .productCount else { throw Self.schema(.confidence, "is required") }
      return nil
    }
    guard value.kind == .number else { throw Self.schema(.confidence, "must be a number from 0 to 1") }
    do {
      return try DecimalFraction.ppm(value.range, bytes)
    } catch {
      throw Self.schema(.confidence, error == .negative ? "must be >= 0" : "must be <= 1")
    }
  }

  private func count(
    _ value: JSONValueRange?, _ kind: EventKind, _ bytes: Span<UInt8>
  ) throws(Rejection) -> Int32 {
    guard let value else { return kind == .productCount ? 1 : 0 }
    guard kind == .productCount else { throw Self.schema(.count, "is only for product_count") }
    guard value.kind == .number, let number = integer(value.range, bytes), (0...10_000).contains(number)
    else {
      throw Self.schema(.count, "must be an integer from 0 to 10000")
    }
    return Int32(number)
  }

  private func modelVersion(
    _ value: JSONValueRange?, _ bytes: Span<UInt8>
  ) throws(Rejection) -> String {
    guard let value else { return "" }
    let rule = "must be a string of 1 to 64 printable characters"
    guard value.kind == .string, value.range.count <= 6 * 64 else { throw Self.schema(.modelVersion, rule) }
    let text = JSONText.string(value, bytes)
    let isPrintable = text.unicodeScalars.allSatisfy { scalar in
      !(0..<0x20).contains(scalar.value) && !(0x7F...0x9F).contains(scalar.value)
    }
    guard isPrintable, (1...64).contains(text.unicodeScalars.count) else {
      throw Self.schema(.modelVersion, rule)
    }
    return text
  }

  private func timestamp(_ value: JSONValueRange?, _ bytes: Span<UInt8>) throws(Rejection) -> Int64 {
    let field = EventField.timestamp.name.description
    guard let value else { throw Self.schema(.timestamp, "is required") }
    switch value.kind {
    case .number:
      guard let number = integer(value.range, bytes) else {
        throw Rejection(code: .timestamp, field: field, detail: "must be an integer of epoch milliseconds")
      }
      return number
    case .string:
      guard !value.hasEscapes else {
        throw Rejection(code: .timestamp, field: field, detail: Timestamp.Failure.malformed.detail)
      }
      do {
        return try Timestamp.parse(bytes.extracting(value.range), assumeUTC: context.assumeUTC)
      } catch {
        throw Rejection(code: .timestamp, field: field, detail: error.detail)
      }
    default: throw Self.schema(.timestamp, "must be a string or an integer of epoch milliseconds")
    }
  }

  private func match(
    _ field: EventField, _ expected: String, _ fields: EventFields, _ bytes: Span<UInt8>
  ) throws(Rejection) {
    guard let found = try identifier(field, fields, bytes), found != expected else { return }
    throw Rejection(
      code: .mismatch, field: field.name.description, detail: "must be \"\(expected)\" as in the topic")
  }

  private func checkAge(_ timestampMs: Int64) throws(Rejection) {
    let field = EventField.timestamp.name.description
    if timestampMs < context.nowMs - context.maxAgeMs {
      throw Rejection(
        code: .tooOld, field: field, detail: "must be no older than \(context.maxAgeMs / 1000) s")
    }
    if timestampMs > context.nowMs + context.maxFutureMs {
      throw Rejection(
        code: .tooFuture, field: field,
        detail: "must be at most \(context.maxFutureMs / 1000) s in the future: is the camera's clock right?")
    }
  }

  /// A JSON integer that fits, without point or exponent.
  private func integer(_ range: Range<Int>, _ bytes: Span<UInt8>) -> Int64? {
    var position = range.lowerBound
    let isNegative = bytes[position] == UInt8(ascii: "-")
    if isNegative { position += 1 }
    var value: Int64 = 0
    while position < range.upperBound {
      let digit = bytes[position] &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(Int64(digit))
      guard !overflow, !carry else { return nil }
      value = sum
      position += 1
    }
    return isNegative ? -value : value
  }
}
