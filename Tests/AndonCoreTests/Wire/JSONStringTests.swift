import Testing

@testable import AndonCore

/// Strings are scanned eight bytes at a time: special bytes must be found at every position.
@Suite struct JSONStringTests {
  private func scan(_ inside: [UInt8], behind: [UInt8] = Array("\"tail".utf8)) throws -> JSONValueRange {
    var scanner = JSONScanner(depthLimit: 8)
    let bytes = [UInt8(ascii: "\"")] + inside + behind
    return try scanner.string(bytes.span)
  }

  @Test(arguments: 0..<26) func everyByteIsSeenAtEveryPlace(place: Int) throws {
    for byte in UInt8.min...UInt8.max {
      let before = [UInt8](repeating: UInt8(ascii: "a"), count: place)
      let after = Array("bcdefghij".utf8)
      switch byte {
      case UInt8(ascii: "\""):
        #expect(try scan(before, behind: [byte] + after).range == 1..<place + 1)
      case UInt8(ascii: "\\"):
        let value = try scan(before + [byte, UInt8(ascii: "n")] + after)
        #expect(value.hasEscapes && value.range == 1..<place + 12)
      case 0..<0x20, 0x80...:
        // A lone byte of these is never valid in a string.
        #expect(throws: JSONFailure.self) { try scan(before + [byte] + after) }
      default:
        let value = try scan(before + [byte] + after)
        #expect(!value.hasEscapes && value.range == 1..<place + 11)
      }
    }
  }

  @Test(arguments: 0..<18) func charactersOfSeveralBytesAreSeenAtEveryPlace(place: Int) throws {
    for character in ["é", "語", "😀"] {
      let text = String(repeating: "x", count: place) + character + "yyyyyyyyy"
      #expect(try scan(Array(text.utf8)).range.count == text.utf8.count)
    }
  }

  @Test(arguments: 0..<20) func aStringWithoutAnEndIsAnError(length: Int) {
    #expect(throws: JSONFailure.self) {
      try scan([UInt8](repeating: UInt8(ascii: "a"), count: length), behind: [])
    }
  }
}
