/// A strict RFC 8259 scanner over bytes in place: one pass, no tree, no recursion beyond the depth limit.
///
/// Stricter than most libraries, because sender and receiver must not read one text in two ways: duplicate
/// keys, invalid or overlong UTF-8, lone surrogates, NUL, a byte order mark and bytes after the value are
/// errors.
struct JSONScanner {
  private(set) var position = 0
  private let depthLimit: Int

  /// - Parameter position: Where to begin, for another pass over a text that was scanned before.
  init(depthLimit: Int, position: Int = 0) {
    self.depthLimit = depthLimit
    self.position = position
  }

  func failure(_ detail: String) -> JSONFailure { JSONFailure(detail: detail, position: position) }

  mutating func skipSpace(_ bytes: Span<UInt8>) {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return
      }
    }
  }

  func peek(_ bytes: Span<UInt8>) throws(JSONFailure) -> UInt8 {
    guard position < bytes.count else { throw failure("ends too early") }
    return bytes[position]
  }

  /// Consumes the byte if it is next.
  mutating func consume(_ character: Unicode.Scalar, _ bytes: Span<UInt8>) -> Bool {
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  mutating func expect(_ character: Unicode.Scalar, _ bytes: Span<UInt8>) throws(JSONFailure) {
    guard consume(character, bytes) else { throw failure("expected '\(character)'") }
  }

  /// Scans any value; `depth` is the number of containers around it.
  mutating func value(_ bytes: Span<UInt8>, depth: Int) throws(JSONFailure) -> JSONValueRange {
    let start = position
    switch try peek(bytes) {
    case UInt8(ascii: "\""): return try string(bytes)
    case UInt8(ascii: "{"):
      var keys = JSONKeySet()
      try object(bytes, depth: depth) { (scanner, key) throws(JSONFailure) in
        guard keys.insert(key, bytes) else { throw scanner.failure("duplicate key") }
        _ = try scanner.value(bytes, depth: depth + 1)
      }
      return JSONValueRange(kind: .object, range: start..<position)
    case UInt8(ascii: "["):
      try array(bytes, depth: depth) { (scanner) throws(JSONFailure) in
        _ = try scanner.value(bytes, depth: depth + 1)
      }
      return JSONValueRange(kind: .array, range: start..<position)
    case UInt8(ascii: "t"): return try literal("true", .bool, bytes)
    case UInt8(ascii: "f"): return try literal("false", .bool, bytes)
    case UInt8(ascii: "n"): return try literal("null", .null, bytes)
    default: return try number(bytes)
    }
  }

  /// Scans an object; `member` is called after each colon and must scan the value.
  mutating func object(
    _ bytes: Span<UInt8>, depth: Int,
    member: (inout JSONScanner, JSONValueRange) throws(JSONFailure) -> Void
  ) throws(JSONFailure) {
    try enter(depth)
    try expect("{", bytes)
    skipSpace(bytes)
    if consume("}", bytes) { return }
    while true {
      skipSpace(bytes)
      guard try peek(bytes) == UInt8(ascii: "\"") else { throw failure("expected a key in quotes") }
      let key = try string(bytes)
      skipSpace(bytes)
      try expect(":", bytes)
      skipSpace(bytes)
      try member(&self, key)
      skipSpace(bytes)
      if consume(",", bytes) { continue }
      guard consume("}", bytes) else { throw failure("expected ',' or '}'") }
      return
    }
  }

  /// Scans an array; `element` is called at each element and must scan it.
  mutating func array(
    _ bytes: Span<UInt8>, depth: Int, element: (inout JSONScanner) throws(JSONFailure) -> Void
  ) throws(JSONFailure) {
    try enter(depth)
    try expect("[", bytes)
    skipSpace(bytes)
    if consume("]", bytes) { return }
    while true {
      skipSpace(bytes)
      try element(&self)
      skipSpace(bytes)
      if consume(",", bytes) { continue }
      guard consume("]", bytes) else { throw failure("expected ',' or ']'") }
      return
    }
  }

  private func enter(_ depth: Int) throws(JSONFailure) {
    guard depth < depthLimit else { throw failure("nested deeper than \(depthLimit)") }
  }

  private mutating func literal(
    _ word: StaticString, _ kind: JSONValueRange.Kind, _ bytes: Span<UInt8>
  ) throws(JSONFailure) -> JSONValueRange {
    let start = position
    for byte in word.description.utf8 {
      guard position < bytes.count, bytes[position] == byte else { throw failure("expected a value") }
      position += 1
    }
    return JSONValueRange(kind: kind, range: start..<position)
  }

  private mutating func number(_ bytes: Span<UInt8>) throws(JSONFailure) -> JSONValueRange {
    let start = position
    _ = consume("-", bytes)
    if !consume("0", bytes) { try digits(bytes) }
    if consume(".", bytes) { try digits(bytes) }
    if consume("e", bytes) || consume("E", bytes) {
      if !consume("+", bytes) { _ = consume("-", bytes) }
      try digits(bytes)
    }
    return JSONValueRange(kind: .number, range: start..<position)
  }

  /// One digit or more.
  private mutating func digits(_ bytes: Span<UInt8>) throws(JSONFailure) {
    let start = position
    while position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 { position += 1 }
    guard position > start else { throw failure("expected a value") }
  }

  /// Scans a string and validates its escapes and its UTF-8.
  mutating func string(_ bytes: Span<UInt8>) throws(JSONFailure) -> JSONValueRange {
    position += 1
    let start = position
    var hasEscapes = false
    while position < bytes.count {
      skipPlain(bytes)
      guard position < bytes.count else { break }
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return JSONValueRange(kind: .string, range: start..<position - 1, hasEscapes: hasEscapes)
      case UInt8(ascii: "\\"):
        hasEscapes = true
        try escape(bytes)
      case 0..<0x20: throw failure("control character in a string")
      case 0x80...: try multibyte(bytes)
      default: position += 1
      }
    }
    throw failure("string without an end")
  }

  /// Skips plain characters of a string, eight at a time: about half of a payload are such.
  private mutating func skipPlain(_ bytes: Span<UInt8>) {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let tops: UInt64 = 0x8080_8080_8080_8080
    let raw = unsafe bytes.bytes
    while position + 8 <= raw.byteCount {
      let word = unsafe UInt64(
        littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self))
      // The top bit of each byte that is a quote, a backslash, a control or not ASCII. A borrow can set the
      // bit of a higher byte, never of a lower one, and only the lowest bit is used.
      let quotes = word ^ (ones &* 0x22)
      let slashes = word ^ (ones &* 0x5C)
      let special =
        ((quotes &- ones) & ~quotes) | ((slashes &- ones) & ~slashes)
        | ((word &- ones &* 0x20) & ~word) | word
      let found = special & tops
      guard found == 0 else {
        position += found.trailingZeroBitCount >> 3
        return
      }
      position += 8
    }
  }

  private mutating func escape(_ bytes: Span<UInt8>) throws(JSONFailure) {
    position += 1
    switch try peek(bytes) {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      position += 1
    case UInt8(ascii: "u"):
      position += 1
      let unit = try hexadecimal(bytes)
      switch unit {
      case 0: throw failure("NUL in a string")
      case 0xDC00...0xDFFF: throw failure("lone surrogate in a string")
      case 0xD800...0xDBFF:
        guard consume("\\", bytes), consume("u", bytes), (0xDC00...0xDFFF).contains(try hexadecimal(bytes))
        else {
          throw failure("lone surrogate in a string")
        }
      default: break
      }
    default: throw failure("unknown escape in a string")
    }
  }

  private mutating func hexadecimal(_ bytes: Span<UInt8>) throws(JSONFailure) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Self.hexadecimalDigit(try peek(bytes)) else { throw failure("bad \\u escape") }
      value = value << 4 | digit
      position += 1
    }
    return value
  }

  static func hexadecimalDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a")) + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A")) + 10
    default: nil
    }
  }

  /// One multi-byte character, by the table of well-formed sequences (Unicode 15, 3-7).
  private mutating func multibyte(_ bytes: Span<UInt8>) throws(JSONFailure) {
    let lead = bytes[position]
    let second: ClosedRange<UInt8>
    let length: Int
    switch lead {
    case 0xC2...0xDF: (second, length) = (0x80...0xBF, 2)
    case 0xE0: (second, length) = (0xA0...0xBF, 3)
    case 0xED: (second, length) = (0x80...0x9F, 3)
    case 0xE1...0xEF: (second, length) = (0x80...0xBF, 3)
    case 0xF0: (second, length) = (0x90...0xBF, 4)
    case 0xF4: (second, length) = (0x80...0x8F, 4)
    case 0xF1...0xF3: (second, length) = (0x80...0xBF, 4)
    default: throw failure("invalid UTF-8")
    }
    guard position + length <= bytes.count, second.contains(bytes[position + 1]) else {
      throw failure("invalid UTF-8")
    }
    for index in stride(from: position + 2, to: position + length, by: 1) {
      guard bytes[index] & 0xC0 == 0x80 else { throw failure("invalid UTF-8") }
    }
    position += length
  }
}
