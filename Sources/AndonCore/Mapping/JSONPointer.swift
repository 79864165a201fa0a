/// A JSON pointer (RFC 6901): it names a value in a JSON text.
package struct JSONPointer: Sendable, Hashable, CustomStringConvertible {
  /// The names and indices on the path, unescaped.
  package let tokens: [String]

  /// Nil for a text that is no pointer: it must be empty or begin with `/`, and `~` must be part of `~0` or
  /// `~1`.
  package init?(_ text: some StringProtocol) {
    guard !text.isEmpty else {
      tokens = []
      return
    }
    guard text.utf8.first == UInt8(ascii: "/") else { return nil }
    var tokens: [String] = []
    for part in text.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      guard let token = Self.token(part) else { return nil }
      tokens.append(token)
    }
    self.tokens = tokens
  }

  private static func token(_ part: some Collection<UInt8>) -> String? {
    var bytes: [UInt8] = []
    var isEscaped = false
    for byte in part {
      switch (isEscaped, byte) {
      case (true, UInt8(ascii: "0")): bytes.append(UInt8(ascii: "~"))
      case (true, UInt8(ascii: "1")): bytes.append(UInt8(ascii: "/"))
      case (true, _): return nil
      case (false, UInt8(ascii: "~")): break
      case (false, _): bytes.append(byte)
      }
      isEscaped = !isEscaped && byte == UInt8(ascii: "~")
    }
    return isEscaped ? nil : String(decoding: bytes, as: UTF8.self)
  }

  package var description: String {
    tokens.map { "/" + $0.replacing("~", with: "~0").replacing("/", with: "~1") }.joined()
  }

  /// Finds the named value, relative to the value that begins at `start`; nil when there is none. The text
  /// was scanned before, up to `depthLimit`. O(bytes after `start` × tokens).
  func find(_ bytes: Span<UInt8>, from start: Int, depthLimit: Int) -> JSONLocation? {
    var place = start
    for token in tokens {
      guard let next = try? Self.member(token, bytes, from: place, depthLimit: depthLimit) else { return nil }
      place = next
    }
    return try? JSONLocation(bytes, at: place, depthLimit: depthLimit)
  }

  /// Where the member or element begins that the token names.
  private static func member(
    _ token: String, _ bytes: Span<UInt8>, from start: Int, depthLimit: Int
  ) throws(JSONFailure) -> Int? {
    var scanner = JSONScanner(depthLimit: depthLimit, position: start)
    var found: Int?
    switch try scanner.peek(bytes) {
    case UInt8(ascii: "{"):
      try scanner.object(bytes, depth: 0) { (scanner, key) throws(JSONFailure) in
        if found == nil, names(key, token, bytes) { found = scanner.position }
        _ = try scanner.value(bytes, depth: 1)
      }
    case UInt8(ascii: "["):
      guard let wanted = index(token) else { return nil }
      var index = 0
      try scanner.array(bytes, depth: 0) { (scanner) throws(JSONFailure) in
        if index == wanted { found = scanner.position }
        index += 1
        _ = try scanner.value(bytes, depth: 1)
      }
    default: break
    }
    return found
  }

  private static func names(_ key: JSONValueRange, _ token: String, _ bytes: Span<UInt8>) -> Bool {
    guard !key.hasEscapes else { return JSONText.bytes(key, bytes).elementsEqual(token.utf8) }
    guard key.range.count == token.utf8.count else { return false }
    var position = key.range.lowerBound
    for byte in token.utf8 {
      guard bytes[position] == byte else { return false }
      position += 1
    }
    return true
  }

  /// RFC 6901, 4: digits without a leading zero. `-`, the element after the last one, never exists.
  private static func index(_ token: String) -> Int? {
    let digits = token.utf8
    guard digits.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }),
      digits.count == 1 || digits.first != UInt8(ascii: "0")
    else { return nil }
    return Int(token)
  }
}
