/// Records of a body while it is written.
struct ShipBodyBuffer {
  private var names: [UInt8] = []
  private var nameCount = 0
  private var places: [String: Int32] = [:]
  private var numbers = NumberTable()
  private var bytes: [UInt8] = []
  private(set) var rows = 0
  private var kinds = ShipKinds()
  private var oldestMs = Int64.max
  private var newestMs = Int64.min
  private var lastMs: Int64 = 0
  private var lastReceivedMs: Int64 = 0

  var isFull: Bool { rows >= ShipBody.fullRows || bytes.count + names.count >= ShipBody.fullBytes }

  /// Bytes so far.
  var count: Int { bytes.count + names.count }

  var body: ShipBody {
    var all = ShipBodyBuffer()
    all.bytes.reserveCapacity(names.count + bytes.count + 8)
    all.bytes.append(ShipBody.version)
    all.append(unsigned: UInt64(nameCount))
    all.bytes.append(contentsOf: names)
    all.append(unsigned: UInt64(rows))
    all.bytes.append(contentsOf: bytes)
    return ShipBody(
      bytes: all.bytes, rows: rows, kinds: kinds, times: oldestMs <= newestMs ? oldestMs...newestMs : nil)
  }

  /// A name that no record has.
  mutating func add(name: String) { _ = place(of: name) }

  private mutating func count(_ kind: ShipRecord.Kind, _ timeMs: Int64?) {
    rows += 1
    kinds.add(kind)
    guard let timeMs else { return }
    (oldestMs, newestMs) = (min(oldestMs, timeMs), max(newestMs, timeMs))
  }

  // MARK: Events

  /// An event with the numbers of its names, and its id as the file stores it.
  mutating func append(_ event: Event, camera: String, _ numbers: ShipNumbers, _ arrival: ShipArrival) {
    let form = arrival.isUUID ? 1 : event.eventID.isEmpty ? 0 : 2
    begin(event, isAccepted: arrival.isAccepted, form: UInt8(form))
    append(number: numbers.worker, event.workerID)
    append(number: numbers.workstation, event.workstationID)
    append(number: numbers.camera, camera)
    append(number: numbers.model, event.modelVersion)
    end(event, receivedAtMs: arrival.receivedAtMs)
  }

  /// Appends the id of the event before.
  mutating func append(identifier: Span<UInt8>, isUUID: Bool) {
    if !isUUID {
      guard !identifier.isEmpty else { return }
      append(unsigned: UInt64(identifier.count))
    }
    for index in identifier.indices { bytes.append(identifier[index]) }
  }

  private mutating func append(_ row: ShippedEvent) {
    let event = row.event
    let uuid = CompactUUID.bytes(event.eventID)
    begin(event, isAccepted: row.isAccepted, form: uuid != nil ? 1 : event.eventID.isEmpty ? 0 : 2)
    for text in [event.workerID, event.workstationID, row.cameraID, event.modelVersion] { append(name: text) }
    end(event, receivedAtMs: row.receivedAtMs)
    let identifier = uuid ?? Array(event.eventID.utf8)
    append(identifier: identifier.span, isUUID: uuid != nil)
  }

  @inline(__always)
  private mutating func begin(_ event: Event, isAccepted: Bool, form: UInt8) {
    count(.event, event.timestampMs)
    bytes.append(
      0x80 | event.kind.rawValue << 5 | (isAccepted ? 0x10 : 0) | (event.confidencePpm == nil ? 0 : 8)
        | (event.count == 0 ? 0 : 4) | form)
    append(timeMs: event.timestampMs)
  }

  @inline(__always)
  private mutating func end(_ event: Event, receivedAtMs: Int64) {
    if let confidence = event.confidencePpm { append(unsigned: UInt64(UInt32(bitPattern: confidence))) }
    if event.count != 0 { append(unsigned: UInt64(UInt32(bitPattern: event.count))) }
    append(receivedAtMs &- lastReceivedMs)
    lastReceivedMs = receivedAtMs
  }

  @inline(__always)
  private mutating func append(number: Int32, _ text: String) {
    if number == 0 { return append(unsigned: 0) }
    if let place = numbers[number] { return append(unsigned: UInt64(place)) }
    let place = place(of: text)
    numbers.set(number, place)
    append(unsigned: UInt64(place))
  }

  // MARK: Other records

  mutating func append(_ record: ShipRecord) {
    if case .event(let row) = record { return append(row) }
    count(record.kind, record.timeMs)
    bytes.append(record.kind.rawValue)
    switch record {
    case .event: return
    case .final(let row): row.append(to: &self)
    case .alarm(let row): row.append(to: &self)
    case .gap(let row): row.append(to: &self)
    case .camera(let row): row.append(to: &self)
    case .counters(let row): row.append(to: &self)
    case .stop(let row): row.append(to: &self)
    case .reason(let row): row.append(to: &self)
    case .target(let row): row.append(to: &self)
    case .calendar(let row): row.append(to: &self)
    case .report(let row): row.append(to: &self)
    case .erasure(let row): row.append(to: &self)
    case .patch(let row): row.append(to: &self)
    }
  }

  // MARK: Parts of records

  @inline(__always)
  mutating func append(unsigned value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  @inline(__always)
  mutating func append(_ value: Int64) {
    append(unsigned: UInt64(bitPattern: value << 1 ^ value >> 63))
  }

  @inline(__always)
  mutating func append(timeMs: Int64) {
    append(timeMs &- lastMs)
    lastMs = timeMs
  }

  mutating func append(optional value: Int64?) {
    append(unsigned: value == nil ? 0 : 1)
    if let value { append(value) }
  }

  mutating func append(bytes more: [UInt8]) {
    append(unsigned: UInt64(more.count))
    bytes.append(contentsOf: more)
  }

  mutating func append(text: String) { append(bytes: Array(text.utf8)) }

  /// A text that others may repeat: its place in the table of names; 0 stands for the empty one.
  mutating func append(name: String) { append(unsigned: name.isEmpty ? 0 : UInt64(place(of: name))) }

  private mutating func place(of name: String) -> Int32 {
    if let place = places[name] { return place }
    nameCount += 1
    let place = Int32(nameCount)
    places[name] = place
    var rest = UInt64(name.utf8.count)
    while rest >= 0x80 {
      names.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    names.append(UInt8(rest))
    names.append(contentsOf: name.utf8)
    return place
  }
}
