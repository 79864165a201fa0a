import Foundation
import TestSupport
import Testing

@testable import AndonCore

/// Bodies of the log: what is written is read, in as few bytes as promised, and no bytes trap.
@Suite struct ShipBodyTests {
  static func body(_ records: [ShipRecord]) throws -> ShipBody {
    let writer = ShipBodyWriter()
    for record in records { writer.append(record) }
    let bodies = writer.dequeue()
    #expect(bodies.count == 1 && writer.isEmpty)
    return bodies[0]
  }

  @Test(.seeded) func whatIsWrittenIsRead() throws {
    var random = RandomRecords(seed: Seed.one)
    var kinds = ShipKinds()
    for _ in 0..<2000 {
      let records = (0..<1 + random.random.below(12)).map { _ in random.record() }
      let body = try Self.body(records)
      let read = try ShipBody.records(body.bytes)
      #expect(read == records)
      #expect(body.rows == records.count && body.kinds == ShipKinds(records.map(\.kind)))
      let times = records.compactMap(\.timeMs)
      #expect(body.times?.lowerBound == times.min() && body.times?.upperBound == times.max())
      kinds.formUnion(body.kinds)
    }
    #expect(kinds == .all, "each kind has occurred")
  }

  /// The way of the ingest, with numbers of names and stored ids, gives what the way with texts gives.
  @Test(.seeded) func anEventWithNumbersIsTheSame() throws {
    var random = RandomRecords(seed: Seed.one)
    for _ in 0..<60 {
      var numbers: [String: Int32] = ["": 0]
      let events = (0..<1 + random.random.below(400)).map { _ in random.event() }
      let (one, other) = (ShipBodyWriter(), ShipBodyWriter())
      for row in events {
        let event = row.event
        let names = [event.workerID, event.workstationID, row.cameraID, event.modelVersion]
        for name in names where numbers[name] == nil { numbers[name] = Int32(numbers.count * 977) }
        let uuid = CompactUUID.bytes(event.eventID)
        let identifier = uuid ?? Array(event.eventID.utf8)
        one.append(
          event, camera: row.cameraID,
          ShipNumbers(
            worker: numbers[names[0]] ?? 0, workstation: numbers[names[1]] ?? 0,
            camera: numbers[names[2]] ?? 0, model: numbers[names[3]] ?? 0),
          ShipArrival(
            receivedAtMs: row.receivedAtMs, isAccepted: row.isAccepted, isUUID: uuid != nil),
          identifier: identifier.span)
        other.append(.event(row))
      }
      let bodies = one.dequeue()
      #expect(bodies == other.dequeue())
      #expect(try ShipBody.records(bodies[0].bytes) == events.map(ShipRecord.event))
    }
  }

  /// SCALE §9: at most 35 bytes an event in batches of 24 and more, at most 100 alone.
  @Test func anEventTakesFewBytes() throws {
    func event(_ number: Int) -> ShipRecord {
      let atMs = 1_795_219_200_000 + Int64(number) * 20
      return .event(
        ShippedEvent(
          event: Event(
            timestampMs: atMs, workerID: "W\(number % 50)", workstationID: "S\(number % 10)",
            kind: [.working, .idle, .absent][number % 3],
            confidencePpm: Int32(800_000 + number * 97 % 190_000),
            eventID: "3f2c8a52-0000-4000-8000-" + String(format: "%012d", number),
            modelVersion: "yolov8-1.2.0"), cameraID: "cam-0\(1 + number % 6)", isAccepted: true,
          receivedAtMs: atMs + 180 + Int64(number % 7)))
    }
    let counters = ShipRecord.counters(ShippedCounters([0: 123_456_789, 1: 123_000_000]))
    for (count, most) in [(1, 100), (24, 40), (200, 35), (2048, 35)] {
      let body = try Self.body((0..<count).map(event) + [counters])
      let each = body.bytes.count / count
      print("ship log: \(each) bytes an event in a commit of \(count)")
      #expect(each <= most)
    }
  }

  @Test func aFullBodyIsClosed() throws {
    var random = RandomRecords(seed: 3)
    let writer = ShipBodyWriter()
    let records = (0..<2 * ShipBody.fullRows + 5).map { _ in random.record() }
    for record in records { writer.append(record) }
    let bodies = writer.dequeue()
    #expect(bodies.count == 3 && bodies.allSatisfy { $0.rows <= ShipBody.fullRows })
    #expect(try bodies.flatMap { try ShipBody.records($0.bytes) } == records)
    let large = ShipRecord.gap(
      ShippedGap(
        number: 1, cause: "sequence", cameraID: "", fromMs: 0, toMs: 1, notedAtMs: 2,
        detail: String(repeating: "x", count: ShipBody.fullBytes)))
    for _ in 0..<3 { writer.append(large) }
    #expect(writer.dequeue().count == 3)
  }

  @Test func errorsHaveWords() throws {
    let sound = try Self.body([.event(RandomRecords.one)]).bytes
    func error(_ bytes: [UInt8]) -> String? {
      do throws(ShipBodyError) {
        _ = try ShipBody.records(bytes)
        return nil
      } catch { return error.words }
    }
    #expect(error(sound) == nil)
    #expect(error([]) == "its byte 0 is no version")
    #expect(error([9] + sound.dropFirst())?.contains("version 9") == true)
    #expect(error([1, 0, 1, 63]) == "it has a record of kind 63, which this program does not know")
    #expect(error([1, 0, 1, 1])?.contains("kind 1,") == true)
    #expect(error(sound.dropLast())?.contains("is no ") == true)
    #expect(error(sound + [0])?.contains("end") == true)
    #expect(error([UInt8](Data(count: ShipBody.mostBytes + 1)))?.contains("more than") == true)
  }

  @Test func theChainTellsHistoriesApart() {
    #expect(ShipChain.tip(after: 0, []) != ShipChain.tip(after: 1, []))
    #expect(ShipChain.tip(after: 0, [1]) != ShipChain.tip(after: 0, [2]))
    let one = ShipChain.tip(after: ShipChain.tip(after: 0, [1]), [2])
    #expect(one != ShipChain.tip(after: ShipChain.tip(after: 0, [2]), [1]))
    // The number must never change: files and servers keep it.
    #expect(ShipChain.tip(after: 0, [1, 2, 3]) == -4_619_817_061_555_187_061)
  }
}

extension RandomRecords {
  fileprivate static var one: ShippedEvent {
    var random = RandomRecords(seed: 1)
    return random.event()
  }
}
