/// The last samples of a key, oldest first: the confidence of each and the gap to the one before it, in six
/// bytes.
///
/// O(1) a sample; the memory grows with the samples, up to the window.
struct SampleRing: Sendable, Hashable {
  let window: Int
  private(set) var bytes: [UInt8] = []
  /// The slot of the next sample.
  private(set) var next = 0

  /// Longer gaps are stored as this one; it is longer than any horizon of the rules (a day).
  static let longestGapMs: Int64 = 1 << 27 - 1
  static let bytesPerSample = 6

  init(window: Int) { self.window = window }

  /// Reads `orderedBytes` of a checkpoint; nil for bytes that no samples lead to.
  init?(window: Int, orderedBytes bytes: [UInt8]) {
    let count = bytes.count / Self.bytesPerSample
    guard bytes.count.isMultiple(of: Self.bytesPerSample), count <= window else { return nil }
    (self.window, self.next, self.bytes) = (window, count % window, bytes)
    for slot in 0..<count {
      guard confidencePpm(slot: slot) <= 1_000_000, self.bits(slot: slot) >> 47 == 0 else { return nil }
    }
  }

  /// The samples, oldest first: equal samples give equal bytes, however many came before them.
  var orderedBytes: [UInt8] {
    guard isFull else { return bytes }
    let start = next * Self.bytesPerSample
    return Array(bytes[start...] + bytes[..<start])
  }

  static func == (left: Self, right: Self) -> Bool {
    left.window == right.window && left.bytes.count == right.bytes.count
      && left.orderedBytes == right.orderedBytes
  }

  func hash(into hasher: inout Hasher) { hasher.combine(orderedBytes) }

  var count: Int { bytes.count / Self.bytesPerSample }
  var isFull: Bool { count == window }

  /// The confidence of the sample that the next one replaces; nil until the window is full.
  var oldestPpm: Int32? { isFull ? confidencePpm(slot: next) : nil }

  /// The confidence of the sample `ago` places before the last one, which is number 0.
  func confidencePpm(ago: Int) -> Int32 { confidencePpm(slot: slot(ago: ago)) }

  func gapMs(ago: Int) -> Int64 { Int64(bits(slot: slot(ago: ago)) >> 20) }

  mutating func push(confidencePpm: Int32, gapMs: Int64) {
    var bits = UInt64(confidencePpm) | UInt64(min(max(gapMs, 0), Self.longestGapMs)) << 20
    if isFull {
      let place = next * Self.bytesPerSample
      var span = bytes.mutableSpan
      var raw = unsafe span.mutableBytes
      raw.storeBytes(of: UInt32(truncatingIfNeeded: bits).littleEndian, toByteOffset: place, as: UInt32.self)
      raw.storeBytes(
        of: UInt16(truncatingIfNeeded: bits >> 32).littleEndian, toByteOffset: place + 4, as: UInt16.self)
    } else {
      if bytes.count == bytes.capacity || bytes.isEmpty {
        // Never more than the window: by itself an array would grow to the next power of two.
        bytes.reserveCapacity(min(window, max(16, 2 * count)) * Self.bytesPerSample)
      }
      for _ in 0..<Self.bytesPerSample {
        bytes.append(UInt8(truncatingIfNeeded: bits))
        bits >>= 8
      }
    }
    next = next + 1 == window ? 0 : next + 1
  }

  /// - Parameter ago: below the window.
  private func slot(ago: Int) -> Int { next > ago ? next - 1 - ago : next + window - 1 - ago }

  private func confidencePpm(slot: Int) -> Int32 { Int32(bits(slot: slot) & 0xF_FFFF) }

  private func bits(slot: Int) -> UInt64 {
    let place = slot * Self.bytesPerSample
    let raw = unsafe bytes.span.bytes
    let low = unsafe raw.unsafeLoadUnaligned(fromByteOffset: place, as: UInt32.self)
    let high = unsafe raw.unsafeLoadUnaligned(fromByteOffset: place + 4, as: UInt16.self)
    return UInt64(UInt32(littleEndian: low)) | UInt64(UInt16(littleEndian: high)) << 32
  }
}
