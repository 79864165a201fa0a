/// Strings of a scanned payload, resolved.
enum JSONText {
  /// The bytes of a string that `JSONScanner` accepted, its escapes resolved.
  static func bytes(_ value: JSONValueRange, _ bytes: Span<UInt8>) -> [UInt8] {
    var resolved: [UInt8] = []
    resolved.reserveCapacity(value.range.count)
    var position = value.range.lowerBound
    while position < value.range.upperBound {
      guard bytes[position] == UInt8(ascii: "\\") else {
        resolved.append(bytes[position])
        position += 1
        continue
      }
      position += 2
      switch bytes[position - 1] {
      case UInt8(ascii: "b"): resolved.append(0x08)
      case UInt8(ascii: "f"): resolved.append(0x0C)
      case UInt8(ascii: "n"): resolved.append(0x0A)
      case UInt8(ascii: "r"): resolved.append(0x0D)
      case UInt8(ascii: "t"): resolved.append(0x09)
      case UInt8(ascii: "u"): append(scalarAt: &position, bytes, to: &resolved)
      case let plain: resolved.append(plain)
      }
    }
    return resolved
  }

  /// The string. No allocation up to 15 bytes without escapes.
  static func string(_ value: JSONValueRange, _ bytes: Span<UInt8>) -> String {
    guard !value.hasEscapes else { return String(decoding: Self.bytes(value, bytes), as: UTF8.self) }
    return string(value.range, bytes)
  }

  /// Whether the unescaped bytes of a value pass the check; without escapes they are checked in place.
  static func satisfies(
    _ value: JSONValueRange, _ bytes: Span<UInt8>, _ check: (Range<Int>, Span<UInt8>) -> Bool
  ) -> Bool {
    guard value.hasEscapes else { return check(value.range, bytes) }
    let resolved = Self.bytes(value, bytes)
    return check(0..<resolved.count, resolved.span)
  }

  /// The string of a range that is known to be UTF-8.
  static func string(_ range: Range<Int>, _ bytes: Span<UInt8>) -> String {
    unsafe bytes.extracting(range).withUnsafeBufferPointer { buffer in
      unsafe String(decoding: buffer, as: UTF8.self)
    }
  }

  /// The bytes of a range as they are.
  static func plainBytes(_ range: Range<Int>, _ bytes: Span<UInt8>) -> [UInt8] {
    var copy: [UInt8] = []
    copy.reserveCapacity(range.count)
    for index in range { copy.append(bytes[index]) }
    return copy
  }

  /// Whether the bytes of a range are equal to the word.
  static func equals(_ range: Range<Int>, _ word: StaticString, _ bytes: Span<UInt8>) -> Bool {
    guard range.count == word.utf8CodeUnitCount else { return false }
    return word.withUTF8Buffer { unsafe equals(bytes.extracting(range).bytes, $0.span.bytes) }
  }

  /// Whether the bytes of a range are equal to the text.
  static func equals(_ range: Range<Int>, _ text: String, _ bytes: Span<UInt8>) -> Bool {
    let letters = text.utf8.span
    return unsafe range.count == letters.count && equals(bytes.extracting(range).bytes, letters.bytes)
  }

  /// Whether two ranges hold the same bytes.
  static func equals(_ one: Range<Int>, _ other: Range<Int>, _ bytes: Span<UInt8>) -> Bool {
    unsafe one.count == other.count
      && equals(bytes.extracting(one).bytes, bytes.extracting(other).bytes)
  }

  /// Whether spans of one length are equal, eight bytes at a time.
  private static func equals(_ one: RawSpan, _ other: RawSpan) -> Bool {
    let count = one.byteCount
    precondition(count == other.byteCount)
    guard count >= 8 else {
      for index in 0..<count
      where unsafe one.unsafeLoad(fromByteOffset: index, as: UInt8.self)
        != other.unsafeLoad(fromByteOffset: index, as: UInt8.self)
      {
        return false
      }
      return true
    }
    // The last word overlaps the one before.
    for offset in stride(from: 0, to: count - 8, by: 8) where !isEqual(one, other, at: offset) {
      return false
    }
    return isEqual(one, other, at: count - 8)
  }

  private static func isEqual(_ one: RawSpan, _ other: RawSpan, at offset: Int) -> Bool {
    unsafe one.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
      == other.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
  }

  private static func append(scalarAt position: inout Int, _ bytes: Span<UInt8>, to resolved: inout [UInt8]) {
    var value = unit(at: position, bytes)
    position += 4
    if (0xD800...0xDBFF).contains(value) {
      value = 0x10000 + (value - 0xD800) << 10 + (unit(at: position + 2, bytes) - 0xDC00)
      position += 6
    }
    guard let scalar = Unicode.Scalar(value) else { return }
    resolved.append(contentsOf: String(Character(scalar)).utf8)
  }

  private static func unit(at start: Int, _ bytes: Span<UInt8>) -> UInt32 {
    var value: UInt32 = 0
    for index in start..<start + 4 {
      value = value << 4 | (JSONScanner.hexadecimalDigit(bytes[index]) ?? 0)
    }
    return value
  }
}
