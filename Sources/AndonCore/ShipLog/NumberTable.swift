/// Small numbers by a number greater than 0: a hash table with open addressing. O(1), no allocation but for its growth.
struct NumberTable {
  private var keys: [Int32]
  private var values: [Int32]
  private var count = 0

  init() {
    keys = Array(repeating: 0, count: 64)
    values = keys
  }

  @inline(__always)
  private func place(_ key: Int32, _ mask: Int) -> Int {
    Int(truncatingIfNeeded: UInt32(bitPattern: key) &* 0x9E37_79B1) >> 7 & mask
  }

  /// Nil for a number that was not set.
  @inline(__always)
  subscript(key: Int32) -> Int32? {
    let mask = keys.count - 1
    var place = place(key, mask)
    while keys[place] != 0 {
      if keys[place] == key { return values[place] }
      place = (place + 1) & mask
    }
    return nil
  }

  /// Sets the value of a number that has none.
  mutating func set(_ key: Int32, _ value: Int32) {
    if 2 * (count + 1) > keys.count { grow() }
    insert(key, value)
    count += 1
  }

  private mutating func insert(_ key: Int32, _ value: Int32) {
    let mask = keys.count - 1
    var place = place(key, mask)
    while keys[place] != 0 { place = (place + 1) & mask }
    (keys[place], values[place]) = (key, value)
  }

  private mutating func grow() {
    let (oldKeys, oldValues) = (keys, values)
    keys = Array(repeating: 0, count: 2 * oldKeys.count)
    values = keys
    for (key, value) in zip(oldKeys, oldValues) where key != 0 { insert(key, value) }
  }
}
