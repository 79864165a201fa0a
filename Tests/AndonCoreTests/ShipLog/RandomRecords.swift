@testable import AndonCore

/// Random records of the log: ordinary values, and the ends of their ranges.
struct RandomRecords {
  var random: TestRandom

  init(seed: UInt64) { random = TestRandom(seed: seed) }

  private mutating func integer() -> Int64 {
    switch random.below(6) {
    case 0: Int64(bitPattern: random.next())
    case 1: [Int64.min, .max, 0, -1, 1][random.below(5)]
    case 2: Int64(random.below(200))
    default: 1_795_219_200_000 + Int64(random.below(10_000_000))
    }
  }

  private mutating func text() -> String {
    switch random.below(5) {
    case 0: ""
    case 1: "Schicht „früh“ \u{1F980} \"\\\n"
    default: "W\(random.below(12))"
    }
  }

  private mutating func flag() -> Bool { random.below(2) == 0 }

  private mutating func optional() -> Int64? { flag() ? integer() : nil }

  private mutating func uuid() -> String {
    let digits = Array("0123456789abcdef")
    var text = ""
    for place in 0..<36 { text.append([8, 13, 18, 23].contains(place) ? "-" : digits[random.below(16)]) }
    return text
  }

  mutating func event() -> ShippedEvent {
    let kind = EventKind.allCases[random.below(4)]
    let id = [uuid(), uuid(), uuid().uppercased(), "", text(), "e\(random.below(99))"][random.below(6)]
    return ShippedEvent(
      event: Event(
        timestampMs: integer(), workerID: text(), workstationID: text(), kind: kind,
        confidencePpm: flag() ? Int32(random.below(1_000_001)) : nil,
        count: kind == .productCount ? Int32(random.below(10_001)) : 0, eventID: id, modelVersion: text()),
      cameraID: text(), isAccepted: flag(), receivedAtMs: integer())
  }

  private mutating func final() -> ShippedFinal {
    let startMs = 1_795_219_200_000 + Int64(random.below(1000)) * 3_600_000
    let kind: WindowKind? = [.hour, .shift, .day, nil][random.below(4)]
    let window = Window(
      kind: kind, startMs: startMs, endMs: startMs + 3_600_000, shiftID: kind == .shift ? "early" : nil)
    var record = KPIRecord(
      siteID: "plant-a", scope: KPIScope.allCases[random.below(5)], id: "W\(random.below(9))", window: window,
      nowMs: window.endMs, values: [], quality: .good)
    for metric in KPIMetric.allCases where flag() {
      record.values.append(.init(metric: metric, scaled: Int64(random.below(100_000))))
    }
    return ShippedFinal(record, revision: Int64(random.below(500)))
  }

  mutating func record() -> ShipRecord {
    switch random.below(13) {
    case 0: .final(final())
    case 1:
      .alarm(
        ShippedAlarm(
          number: integer(), alertID: text(), occurrenceID: text(), revision: integer(), event: text(),
          isPage: flag(), atMs: integer(), notedMs: integer(), firstMs: integer(), count: integer(),
          record: text()))
    case 2:
      .gap(
        ShippedGap(
          number: integer(), cause: text(), cameraID: text(), fromMs: integer(), toMs: integer(),
          notedAtMs: integer(), detail: text()))
    case 3:
      .camera(
        ShippedCamera(
          cameraID: text(), events: integer(), lastEventMs: integer(), lastReceivedMs: integer(),
          status: text(), qos0Received: integer(), lastQoS0Ms: integer()))
    case 4:
      .counters(
        ShippedCounters(
          Dictionary(uniqueKeysWithValues: (0..<random.below(12)).map { ($0 * 5, Int64($0) * 7) })))
    case 5:
      .stop(
        ShippedStop(
          workstationID: text(), startMs: integer(), endMs: integer(), isOpen: flag(), durationMs: integer(),
          kind: text(), shiftID: text(), revision: integer(), isRetracted: flag(), payload: text()))
    case 6:
      .reason(
        ShippedReason(
          number: integer(), workstationID: text(), startMs: integer(), endMs: optional(), reasonID: text(),
          comment: text(), atMs: integer()))
    case 7:
      .target(
        ShippedTarget(
          number: integer(), atMs: integer(), scope: text(), subject: text(), fromMs: integer(),
          untilMs: optional(), microUnitsPerHour: optional(), order: text(), product: text()))
    case 8:
      .calendar(
        ShippedCalendarChange(
          number: integer(), atMs: integer(), action: text(), fromDay: integer(), toDay: integer(),
          line: text(), shifts: text(), reason: text()))
    case 9:
      .report(
        ShippedReport(
          scope: text(), id: text(), startMs: integer(), endMs: integer(), shiftID: text(),
          revision: integer(), isRetracted: flag(), face: integer()))
    case 10:
      .erasure(
        ShippedErasure(
          atMs: integer(), salt: (0..<16).map { _ in UInt8(random.below(256)) }, digest: text(),
          replacement: text()))
    default: .event(event())
    }
  }
}
