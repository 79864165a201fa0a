/// Reads what `ShipBodyBuffer` wrote. Every function throws when the bytes do not hold what is asked for; none traps.
struct ShipBodyReader {
  private let all: [UInt8]
  private var position = 0
  private var names: [String] = [""]
  private var lastMs: Int64 = 0
  private var lastReceivedMs: Int64 = 0

  /// Reads version and names.
  init(_ bytes: [UInt8]) throws(ShipBodyError) {
    all = bytes
    guard bytes.count <= ShipBody.mostBytes else { throw .tooLarge(bytes.count) }
    guard let version = bytes.first else { throw .damaged("version", at: 0) }
    guard version == ShipBody.version else { throw .unknownVersion(version) }
    position = 1
    let count = try count("number of names")
    names.reserveCapacity(count + 1)
    for _ in 0..<count { names.append(try text()) }
  }

  var isAtEnd: Bool { position == all.count }

  func damaged(_ what: String) -> ShipBodyError { .damaged(what, at: position) }

  mutating func record() throws(ShipBodyError) -> ShipRecord {
    let first = try byte()
    if first & 0x80 != 0 { return .event(try event(first)) }
    guard let kind = ShipRecord.Kind(rawValue: first), kind != .event else { throw .unknownRecord(first) }
    return switch kind {
    case .event: throw .unknownRecord(first)
    case .final: .final(try ShippedFinal(&self))
    case .alarm: .alarm(try ShippedAlarm(&self))
    case .gap: .gap(try ShippedGap(&self))
    case .camera: .camera(try ShippedCamera(&self))
    case .counters: .counters(try ShippedCounters(&self))
    case .stop: .stop(try ShippedStop(&self))
    case .reason: .reason(try ShippedReason(&self))
    case .target: .target(try ShippedTarget(&self))
    case .calendar: .calendar(try ShippedCalendarChange(&self))
    case .report: .report(try ShippedReport(&self))
    case .erasure: .erasure(try ShippedErasure(&self))
    case .patch: .patch(try ShippedPatch(&self))
    }
  }

  private mutating func event(_ first: UInt8) throws(ShipBodyError) -> ShippedEvent {
    guard let kind = EventKind(rawValue: first >> 5 & 3) else { throw damaged("kind of event") }
    let timestampMs = try timeMs()
    let (worker, workstation, camera, model) = (try name(), try name(), try name(), try name())
    let confidence = first & 8 == 0 ? nil : try int32()
    let units = first & 4 == 0 ? 0 : try int32()
    lastReceivedMs = lastReceivedMs &+ (try integer())
    let identifier: String
    switch first & 3 {
    case 0: identifier = ""
    case 1:
      guard all.count - position >= CompactUUID.count else { throw damaged("id of an event") }
      identifier = CompactUUID.text(all[position..<position + CompactUUID.count])
      position += CompactUUID.count
    case 2: identifier = try text()
    default: throw damaged("form of an id")
    }
    return ShippedEvent(
      event: Event(
        timestampMs: timestampMs, workerID: worker, workstationID: workstation, kind: kind,
        confidencePpm: confidence, count: units, eventID: identifier, modelVersion: model),
      cameraID: camera, isAccepted: first & 0x10 != 0, receivedAtMs: lastReceivedMs)
  }

  // MARK: Parts of records

  private mutating func byte() throws(ShipBodyError) -> UInt8 {
    guard position < all.count else { throw damaged("byte: the body ends there") }
    defer { position += 1 }
    return all[position]
  }

  mutating func unsigned() throws(ShipBodyError) -> UInt64 {
    var (value, shift): (UInt64, UInt64) = (0, 0)
    while true {
      let byte = try byte()
      guard shift < 63 || byte <= 1 else { throw damaged("integer") }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
  }

  mutating func integer() throws(ShipBodyError) -> Int64 {
    let value = try unsigned()
    return Int64(bitPattern: value >> 1) ^ -Int64(value & 1)
  }

  private mutating func int32() throws(ShipBodyError) -> Int32 {
    let value = try unsigned()
    guard value <= UInt64(UInt32.max) else { throw damaged("number of 32 bits") }
    return Int32(bitPattern: UInt32(value))
  }

  mutating func timeMs() throws(ShipBodyError) -> Int64 {
    lastMs = lastMs &+ (try integer())
    return lastMs
  }

  mutating func flag() throws(ShipBodyError) -> Bool { try choice([false, true], "flag") }

  mutating func choice<Value>(_ values: [Value], _ what: String) throws(ShipBodyError) -> Value {
    let place = try unsigned()
    guard place < UInt64(values.count) else { throw damaged(what) }
    return values[Int(place)]
  }

  mutating func optional() throws(ShipBodyError) -> Int64? { try flag() ? try integer() : nil }

  /// A number of items that follow, each of at least one byte.
  mutating func count(_ what: String) throws(ShipBodyError) -> Int {
    let count = try unsigned()
    guard count <= UInt64(all.count - position) else { throw damaged(what) }
    return Int(count)
  }

  mutating func bytes() throws(ShipBodyError) -> [UInt8] {
    let count = try count("number of bytes")
    defer { position += count }
    return Array(all[position..<position + count])
  }

  mutating func text() throws(ShipBodyError) -> String {
    guard let text = String(validating: try bytes(), as: UTF8.self) else { throw damaged("text") }
    return text
  }

  mutating func name() throws(ShipBodyError) -> String { try choice(names, "name") }
}
