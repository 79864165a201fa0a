/// The keys an object has shown so far, to refuse a second one of a name however it is spelled.
struct JSONKeySet {
  private var keys: Set<[UInt8]> = []

  /// False when the key was there already.
  mutating func insert(_ key: JSONValueRange, _ bytes: Span<UInt8>) -> Bool {
    keys.insert(JSONText.bytes(key, bytes)).inserted
  }
}
