import Testing

@testable import AndonCore

@Suite struct ExactDecimalTests {
  private func scaled(_ text: String, _ power: Int) -> (value: Int64, isExact: Bool)? {
    let bytes = Array(text.utf8)
    return ExactDecimal.scaled(0..<bytes.count, bytes.span, power: power)
  }

  @Test(
    arguments: [
      ("1607123961.837752", 3, 1_607_123_961_837, false), ("1607123961.837", 3, 1_607_123_961_837, true),
      ("1795220111.608318", 3, 1_795_220_111_608, false), ("0.0009", 3, 0, false), ("0.001", 3, 1, true),
      ("1.6071239618377e9", 3, 1_607_123_961_837, false), ("16071239618e-1", 3, 1_607_123_961_800, true),
      ("12", 0, 12, true), ("12.0", 0, 12, true), ("12.5", 0, 12, false), ("1e2", 0, 100, true),
      ("1E+2", 0, 100, true), ("0e999999999999", 3, 0, true), ("1e-999999999999", 3, 0, false),
      ("-0.0", 3, 0, true),
      ("-1.5", 0, -2, false), ("-1.5", 1, -15, true), ("9223372036854775807", 0, .max, true),
      ("0.29", 2, 29, true), ("1.15", 2, 115, true), ("4.35", 2, 435, true), ("5", -1, 0, false),
    ] as [(String, Int, Int64, Bool)])
  func exactly(_ text: String, _ power: Int, _ value: Int64, _ isExact: Bool) throws {
    let found = try #require(scaled(text, power))
    #expect(found.value == value && found.isExact == isExact)
  }

  @Test(arguments: ["9223372036854775808", "1e19", "9223372036854775.808e3", "1e999999999999"])
  func tooLarge(_ text: String) { #expect(scaled(text, 0) == nil) }

  @Test(
    arguments: [
      ("97.79", 977_900), ("100", 1_000_000), ("100.0", 1_000_000), ("0", 0), ("0.0001", 1), ("0.00009", 0),
      ("70", 700_000), ("69.99999", 699_999), ("9.5e1", 950_000),
    ] as [(String, Int32)])
  func percent(_ text: String, _ ppm: Int32) throws {
    let bytes = Array(text.utf8)
    #expect(try DecimalFraction.ppm(0..<bytes.count, bytes.span, shift: -2) == ppm)
  }

  @Test(arguments: ["100.0001", "101", "1e3", "-1"])
  func noPercent(_ text: String) {
    let bytes = Array(text.utf8)
    #expect(throws: DecimalFraction.Failure.self) {
      try DecimalFraction.ppm(0..<bytes.count, bytes.span, shift: -2)
    }
  }
}
