import Testing

@testable import AndonCore

/// Compares bytes with those of Google's encoder (Python's protobuf 7.36.2, with the specification's schema).
@Suite struct SparkplugPayloadTests {
  private func hex(_ bytes: [UInt8]) -> String {
    bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }

  private func bytes(_ hex: String) -> [UInt8] {
    let digits = Array(hex)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0...$0 + 1]), radix: 16)! }
  }

  @Test func everyKindOfValueIsEncodedAsTheReferenceEncoderDoes() {
    var units = SparkplugMetric(
      name: "hour/units", alias: 300, timestampMs: 1_768_472_099_000, dataType: .int64, value: .int64(412))
    units.properties = [
      .quality(.good), SparkplugProperty("engUnit", .string("1")), SparkplugProperty("engHigh", .double(100)),
    ]
    var past = SparkplugMetric(alias: 6, timestampMs: 1, value: .int64(-1))
    past.isHistorical = true
    let payload = SparkplugPayload(
      timestampMs: 1_768_472_100_000, sequence: 7,
      metrics: [
        units, SparkplugMetric(alias: 5, timestampMs: 1_768_472_099_000, value: .double(83.33)), past,
        SparkplugMetric(alias: 7, timestampMs: 1, value: .null),
        SparkplugMetric(
          name: "Node Control/Rebirth", timestampMs: 1_768_472_100_000, dataType: .boolean,
          value: .boolean(false)),
        SparkplugMetric(alias: 8, timestampMs: 2, dataType: .int32, value: .int32(-2)),
        SparkplugMetric(alias: 9, timestampMs: 2, dataType: .string, value: .string("Grün")),
        SparkplugMetric(alias: 10, timestampMs: 2, dataType: .dateTime, value: .dateTime(1_768_472_100_000)),
      ])
    #expect(
      hex(payload.encoded())
        == "08a0f99a89bc3312530a0a686f75722f756e69747310ac0218b8f19a89bc3320044a360a075175616c6974790a07656e6755"
        + "6e69740a07656e67486967681205080318c0011205080c420131120b080a310000000000005940589c031212100518b8f19a"
        + "89bc336985eb51b81ed55440121110061801280158ffffffffffffffffff01120610071801380112210a144e6f646520436f"
        + "6e74726f6c2f5265626972746818a0f99a89bc33200b7000120c10081802200350feffffff0f120d10091802200c7a054772"
        + "c3bc6e120d100a1802200d58a0f99a89bc331807")
  }

  @Test func aDeathHasItsNumberAndNoSequence() {
    let node = SparkplugNode(
      topics: SparkplugTopics(group: "g", node: "n"), windows: [.hour], publishIntervalMs: 5000, version: "1")
    let death = node.death(bdSeq: 255)
    #expect(death.topic == "spBv1.0/g/NDEATH/n")
    #expect(hex(death.payload.encoded()) == "120c0a056264536571200458ff01")
  }

  @Test(arguments: [(OPCQuality.good, Int32(192)), (.stale, 500), (.noData, 0), (.uncertain, 0)])
  func qualityIsOneOfThree(_ quality: OPCQuality, _ written: Int32) {
    #expect(SparkplugProperty.quality(quality).value == .int32(written))
  }

  @Test(arguments: [(0, 12_345.0), (1, 1234.5), (2, 123.45), (3, 12.345)])
  func aFigureIsDividedByItsPowerOfTen(_ digits: Int, _ expected: Double) {
    #expect(SparkplugValue.decimal(12_345, digits: digits) == .double(expected))
  }

  // MARK: Commands

  @Test func aCommandOfTheReferenceEncoderIsRead() throws {
    let command = try #require(
      SparkplugCommand(
        payload: bytes(
          "0801121a0a144e6f646520436f6e74726f6c2f52656269727468200b700112041028700112080a0178650000c03f")))
    #expect(
      command.writes == [
        .init(name: "Node Control/Rebirth", boolean: true), .init(alias: 40, boolean: true),
        .init(name: "x"),
      ])
    #expect(SparkplugNode.asksForRebirth(command))
  }

  @Test func noPrefixOfACommandIsTakenForOneWithMore() {
    let whole = bytes("0801121a0a144e6f646520436f6e74726f6c2f52656269727468200b7001")
    for count in 0..<whole.count {
      let command = SparkplugCommand(payload: Array(whole.prefix(count)))
      #expect(command.map { SparkplugNode.asksForRebirth($0) } != true, "\(count) bytes")
    }
  }

  @Test(arguments: [
    "12ff", "12ffffffffffffffffff01", "08ffffffffffffffffff7f", "0b", "00", "120512ffffff7f", "0d0000", "09",
    "12040a02c328",
  ])
  func malformedCommandsAreRefused(_ hex: String) {
    #expect(SparkplugCommand(payload: bytes(hex)) == nil)
  }

  @Test func anythingMayComeAsACommand() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<20_000 {
      let length = Int.random(in: 0...40, using: &random)
      let payload = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
      _ = SparkplugCommand(payload: payload)
    }
  }

  @Test func aCommandMayNotHaveEndlesslyManyMetrics() {
    let metrics = [[UInt8]](repeating: [0x12, 0], count: SparkplugCommand.limit + 1).flatMap(\.self)
    #expect(SparkplugCommand(payload: metrics) == nil)
    #expect(SparkplugCommand(payload: Array(metrics.dropLast(2)))?.writes.count == SparkplugCommand.limit)
  }
}
