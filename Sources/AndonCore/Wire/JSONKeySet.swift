/// The keys of an object so far, to refuse duplicates in any spelling.
///
/// The first eight are compared in place. An object with more keys, or with escapes in a key, uses a set, so
/// that a hostile object costs time linear in its bytes.
struct JSONKeySet {
  private var few = InlineArray<8, Range<Int>>(repeating: 0..<0)
  private var fewCount = 0
  private var many: Set<[UInt8]> = []

  /// Returns false for a duplicate key.
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
