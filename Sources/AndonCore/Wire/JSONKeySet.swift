/// The keys an object has shown so far, to refuse a second one of a name however it is spelled.
///
/// The first few are compared in place; an object with more of them, or with escapes in a key, pays for a set,
/// so that a hostile one costs time linear in its bytes.
struct JSONKeySet {
  private var few = InlineArray<8, Range<Int>>(repeating: 0..<0)
  private var fewCount = 0
  private var many: Set<[UInt8]> = []

  /// False when the key was there already.
  mutating func insert(_ key: JSONValueRange, _ bytes: Span<UInt8>) -> Bool {
    if many.isEmpty {
      if !key.hasEscapes, fewCount < few.count { return insertIntoFew(key.range, bytes) }
      for index in 0..<fewCount { many.insert(JSONText.plainBytes(few[index], bytes)) }
    }
    return many.insert(JSONText.bytes(key, bytes)).inserted
  }

  private mutating func insertIntoFew(_ key: Range<Int>, _ bytes: Span<UInt8>) -> Bool {
    for index in 0..<fewCount where JSONText.equals(few[index], key, bytes) { return false }
    few[fewCount] = key
    fewCount += 1
    return true
  }
}
