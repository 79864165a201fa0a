/// Makes an event of the scanned fields of one object, or the one reason for its rejection.
///
/// Checks run in the order schema, timestamp, mismatch, age: the same mistake always gets the same code.
struct EventReader {
  let context: DecodeContext

  private static let idRule = "must be 1 to 64 of [A-Za-z0-9_-], beginning with a letter or digit"
  private static let eventIDRule = "must be a string of 1 to 64 of [A-Za-z0-9._:-]"
  private static let sequenceRule = "must be an integer from 0 to \(SequenceNumber.largest)"
  private static let modelVersionRule = "must be a string of 1 to 64 printable characters"
  /// The longest spelling of one character: an escaped surrogate pair.
  private static let escapedCharacterBytes = 12

  func event(_ fields: EventFields, _ bytes: Span<UInt8>) throws(Rejection) -> Event {
    let kind = try kind(fields[.eventType], bytes)
    guard let workstation = try identifier(.workstationID, fields, bytes) else {
      throw Self.schema(.workstationID, "is required")
    }
    let worker = try identifier(.workerID, fields, bytes)
    guard worker != nil || kind == .productCount else { throw Self.schema(.workerID, "is required") }
    let confidence = try confidence(fields[.confidence], kind, bytes)
    let count = try count(fields[.count], kind, bytes)
    let model = try modelVersion(fields[.modelVersion], bytes)
    let eventID = Self.eventID(fields, bytes)
    guard eventID != nil || fields[.eventID] == nil else { throw Self.schema(.eventID, Self.eventIDRule) }
    let sequence = try Self.sequence(fields, bytes)
    let isSite = try matches(.siteID, context.siteID, fields, bytes)
    let isCamera = try matches(.cameraID, context.cameraID, fields, bytes)
    let timestampMs = try timestamp(fields[.timestamp], bytes)
    guard isSite else { throw Self.mismatch(.siteID, context.siteID) }
    guard isCamera else { throw Self.mismatch(.cameraID, context.cameraID) }
    try checkAge(timestampMs)
    return Event(
      timestampMs: timestampMs, workerID: worker ?? "", workstationID: workstation, kind: kind,
      confidencePpm: confidence, count: count, eventID: eventID ?? "", modelVersion: model,
      sequence: sequence)
  }

  /// The event's place in the camera's count; nil for a camera that does not count.
  static func sequence(
    _ fields: EventFields, _ bytes: Span<UInt8>
  ) throws(Rejection) -> SequenceNumber? {
    var bootID = ""
    if let value = fields[.bootID] {
      guard value.kind == .string, JSONText.satisfies(value, bytes, isEventID) else {
        throw schema(.bootID, eventIDRule)
      }
      if fields[.sequence] != nil { bootID = JSONText.string(value, bytes) }
    }
    guard let value = fields[.sequence] else { return nil }
    guard value.kind == .number, let number = integer(value.range, bytes),
      (0...SequenceNumber.largest).contains(number)
    else { throw schema(.sequence, sequenceRule) }
    return SequenceNumber(number, bootID: bootID)
  }

  /// The sender's id, if it is valid.
  static func eventID(_ fields: EventFields, _ bytes: Span<UInt8>) -> String? {
    guard let value = fields[.eventID], value.kind == .string, JSONText.satisfies(value, bytes, isEventID)
    else { return nil }
    return JSONText.string(value, bytes)
  }

  /// The worker's id, if it is valid.
  func workerID(_ fields: EventFields, _ bytes: Span<UInt8>) -> String? {
    (try? identifier(.workerID, fields, bytes)) ?? nil
  }

  func eventKind(_ fields: EventFields, _ bytes: Span<UInt8>) -> EventKind? {
    try? kind(fields[.eventType], bytes)
  }

  /// The event's time, if it can be read; of any age.
  func timestampMs(_ fields: EventFields, _ bytes: Span<UInt8>) -> Int64? {
    try? timestamp(fields[.timestamp], bytes)
  }

  private static func isEventID(_ range: Range<Int>, _ bytes: Span<UInt8>) -> Bool {
    guard (1...64).contains(range.count) else { return false }
    for index in range {
      switch bytes[index] {
      case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "-"): continue
      case let byte where Identifier.isAlphanumeric(byte): continue
      default: return false
      }
    }
    return true
  }

  private static func schema(_ field: EventField, _ detail: String) -> Rejection {
    Rejection(code: .schema, field: field.name.description, detail: detail)
  }

  private func kind(_ value: JSONValueRange?, _ bytes: Span<UInt8>) throws(Rejection) -> EventKind {
    guard let value else { throw Self.schema(.eventType, "is required") }
    guard value.kind == .string, let kind = kind(named: value, bytes) else {
      throw Self.schema(.eventType, "must be working, idle, absent or product_count")
    }
    return kind
  }

  /// Without escapes, the length leaves one name to compare with, in place.
  private func kind(named value: JSONValueRange, _ bytes: Span<UInt8>) -> EventKind? {
    guard !value.hasEscapes else { return EventKind(name: JSONText.string(value, bytes)) }
    return switch value.range.count {
    case 4: JSONText.equals(value.range, "idle" as StaticString, bytes) ? .idle : nil
    case 6: JSONText.equals(value.range, "absent" as StaticString, bytes) ? .absent : nil
    case 7: JSONText.equals(value.range, "working" as StaticString, bytes) ? .working : nil
    case 13: JSONText.equals(value.range, "product_count" as StaticString, bytes) ? .productCount : nil
    default: nil
    }
  }

  /// An id as text. A JSON integer stands for its digits; 1.0 or 1e3 is no integer.
  private func identifier(
    _ field: EventField, _ fields: EventFields, _ bytes: Span<UInt8>
  ) throws(Rejection) -> String? {
    guard let value = fields[field] else { return nil }
    guard value.kind == .string || value.kind == .number else { throw Self.schema(field, Self.idRule) }
    guard JSONText.satisfies(value, bytes, Identifier.isValid),
      value.kind == .string || isInteger(value.range, bytes)
    else { throw Self.schema(field, Self.idRule) }
    return JSONText.string(value, bytes)
  }

  /// Whether a field that repeats a part of the topic is missing or equal to it. The usual case allocates
  /// nothing.
  private func matches(
    _ field: EventField, _ expected: String, _ fields: EventFields, _ bytes: Span<UInt8>
  ) throws(Rejection) -> Bool {
    guard let value = fields[field] else { return true }
    if value.kind == .string, !value.hasEscapes, JSONText.equals(value.range, expected, bytes) { return true }
    return try identifier(field, fields, bytes) == expected
  }

  private func isInteger(_ range: Range<Int>, _ bytes: Span<UInt8>) -> Bool {
    for index in range where !Self.isDigit(bytes[index]) { return false }
    return true
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

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
    guard value.kind == .number, let number = Self.integer(value.range, bytes), (0...10_000).contains(number)
    else {
      throw Self.schema(.count, "must be an integer from 0 to 10000")
    }
    return Int32(number)
  }

  private func modelVersion(
    _ value: JSONValueRange?, _ bytes: Span<UInt8>
  ) throws(Rejection) -> String {
    guard let value else { return "" }
    guard value.kind == .string, value.range.count <= 64 * Self.escapedCharacterBytes else {
      throw Self.schema(.modelVersion, Self.modelVersionRule)
    }
    if !value.hasEscapes, isPlainText(value.range, bytes) { return JSONText.string(value.range, bytes) }
    let text = JSONText.string(value, bytes)
    guard (1...64).contains(text.unicodeScalars.count), text.unicodeScalars.allSatisfy(Self.isPrintable)
    else {
      throw Self.schema(.modelVersion, Self.modelVersionRule)
    }
    return text
  }

  /// Printable ASCII of a valid length: nearly every model version.
  private func isPlainText(_ range: Range<Int>, _ bytes: Span<UInt8>) -> Bool {
    guard (1...64).contains(range.count) else { return false }
    for index in range where !(0x20...0x7E).contains(bytes[index]) { return false }
    return true
  }

  /// Neither a control (C0, DEL, C1) nor a line or paragraph separator nor a noncharacter. The rule must not
  /// depend on the Unicode version of the runtime.
  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x20...0x7E: true
    case 0..<0xA0, 0x2028, 0x2029, 0xFDD0...0xFDEF: false
    case let value: value & 0xFFFE != 0xFFFE
    }
  }

  private func timestamp(_ value: JSONValueRange?, _ bytes: Span<UInt8>) throws(Rejection) -> Int64 {
    guard let value else { throw Self.schema(.timestamp, "is required") }
    switch value.kind {
    case .number:
      guard let number = Self.integer(value.range, bytes) else {
        throw Self.timestamp(.timestamp, "must be an integer of epoch milliseconds")
      }
      return number
    case .string:
      do {
        guard !value.hasEscapes else {
          return try Timestamp.parse(JSONText.bytes(value, bytes).span, assumeUTC: context.assumeUTC)
        }
        return try Timestamp.parse(bytes.extracting(value.range), assumeUTC: context.assumeUTC)
      } catch {
        throw Self.timestamp(.timestamp, error.detail)
      }
    default: throw Self.schema(.timestamp, "must be a string or an integer of epoch milliseconds")
    }
  }

  private static func timestamp(
    _ code: RejectionCode, _ detail: String, _ timestampMs: Int64? = nil
  ) -> Rejection {
    var rejection = Rejection(code: code, field: EventField.timestamp.name.description, detail: detail)
    rejection.timestampMs = timestampMs
    return rejection
  }

  private static func mismatch(_ field: EventField, _ expected: String) -> Rejection {
    Rejection(
      code: .mismatch, field: field.name.description, detail: "must be \"\(expected)\" as in the topic")
  }

  private func checkAge(_ timestampMs: Int64) throws(Rejection) {
    let (oldestMs, isUnboundedBelow) = context.nowMs.subtractingReportingOverflow(context.maxAgeMs)
    if timestampMs < oldestMs, !isUnboundedBelow {
      throw Self.timestamp(.tooOld, "must be no older than \(context.maxAgeMs / 1000) s", timestampMs)
    }
    let (latestMs, isUnboundedAbove) = context.nowMs.addingReportingOverflow(context.maxFutureMs)
    if timestampMs > latestMs, !isUnboundedAbove {
      throw Self.timestamp(
        .tooFuture,
        "must be at most \(context.maxFutureMs / 1000) s in the future: is the camera's clock right?",
        timestampMs)
    }
  }

  /// A JSON integer that fits, without point or exponent.
  private static func integer(_ range: Range<Int>, _ bytes: Span<UInt8>) -> Int64? {
    var position = range.lowerBound
    let isNegative = bytes[position] == UInt8(ascii: "-")
    if isNegative { position += 1 }
    var value: Int64 = 0
    while position < range.upperBound {
      let digit = bytes[position]
      guard isDigit(digit) else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(Int64(digit &- UInt8(ascii: "0")))
      guard !overflow, !carry else { return nil }
      value = sum
      position += 1
    }
    return isNegative ? -value : value
  }
}
