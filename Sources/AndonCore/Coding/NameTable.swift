/// Numbers for names. A name is looked up by its bytes; no `String` is made for a known one.
struct NameTable: Sendable {
  private(set) var names: [String] = []
  private var bytes: [[UInt8]] = []
  /// Open addressing: number + 1, or 0 for a free slot. The size is a power of two; at most half of it is
  /// used.
  private var slots: [Int32] = [Int32](repeating: 0, count: 64)

  var count: Int { names.count }

  /// The number of the name in that range; a new name gets the next number.
  ///
  /// - Parameter hint: a number to try first.
  mutating func number(of range: Range<Int>, in source: Span<UInt8>, hint: Int = -1) -> Int {
    if hint >= 0, hint < bytes.count, isEqual(bytes[hint], range, source) { return hint }
    var hash = FNV1a()
    for index in range { hash.add(source[index]) }
    var slot = firstSlot(hash)
    while slots[slot] != 0 {
      let number = Int(slots[slot]) - 1
      if isEqual(bytes[number], range, source) { return number }
      slot = (slot + 1) & (slots.count - 1)
    }
    var copy: [UInt8] = []
    copy.reserveCapacity(range.count)
    for index in range { copy.append(source[index]) }
    names.append(String(decoding: copy, as: UTF8.self))
    bytes.append(copy)
    slots[slot] = Int32(names.count)
    if names.count * 2 > slots.count { grow() }
    return names.count - 1
  }

  mutating func number(of name: String) -> Int {
    let utf8 = Array(name.utf8)
    return number(of: 0..<utf8.count, in: utf8.span)
  }

  private func isEqual(_ name: [UInt8], _ range: Range<Int>, _ source: Span<UInt8>) -> Bool {
    guard name.count == range.count else { return false }
    for offset in 0..<name.count where name[offset] != source[range.lowerBound + offset] { return false }
    return true
  }

  private func firstSlot(_ hash: FNV1a) -> Int {
    Int(truncatingIfNeeded: hash.value ^ (hash.value >> 29)) & (slots.count - 1)
  }

  private mutating func grow() {
    slots = [Int32](repeating: 0, count: slots.count * 2)
    for (number, name) in bytes.enumerated() {
      var slot = firstSlot(FNV1a(name))
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = Int32(number + 1)
    }
  }
}
