import TestSupport
import Testing

@testable import AndonCore

/// Decoding a body of the log: no bytes lead to a trap.
@Suite struct ShipBodyFuzzTests {
  /// Changed bytes give an error or other records, which can be written again.
  @Test(.seeded) func noBytesLeadToATrap() throws {
    var random = RandomRecords(seed: Seed.one &+ 17)
    var (taken, refused) = (0, 0)
    let count = Fuzz.inputs(6000)
    for _ in 0..<count {
      var bytes = try ShipBodyTests.body((0..<1 + random.random.below(6)).map { _ in random.record() }).bytes
      if random.random.below(9) == 0 {
        bytes = [1] + (0..<random.random.below(90)).map { _ in UInt8(random.random.below(256)) }
      }
      for _ in 0..<1 + random.random.below(3) where !bytes.isEmpty {
        let place = random.random.below(bytes.count)
        switch random.random.below(4) {
        case 0: bytes[place] = UInt8(random.random.below(256))
        case 1: bytes[place] ^= 1 << UInt8(random.random.below(8))
        case 2: bytes.insert(contentsOf: Array(repeating: 0xFF, count: 9) + [0x01], at: place)
        default: bytes.removeSubrange(place...)
        }
      }
      do throws(ShipBodyError) {
        let records = try ShipBody.records(bytes)
        taken += 1
        let writer = ShipBodyWriter()
        for record in records { writer.append(record) }
        var again: [ShipRecord] = []
        for body in writer.dequeue() { again += try ShipBody.records(body.bytes) }
        #expect(again == records)
      } catch {
        refused += 1
        #expect(!error.words.isEmpty)
      }
    }
    #expect(taken > count / 100 && refused > count / 10, "some are taken, some refused: \(taken), \(refused)")
  }
}
