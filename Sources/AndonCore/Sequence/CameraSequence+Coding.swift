/// The stored form: about 30 bytes without a loss, and 12 a range. Times and numbers are differences to what comes before.
extension CameraSequence {
  private static let version: UInt8 = 1

  /// Equal values give equal bytes.
  package func encoded() -> [UInt8] {
    var writer = VarintWriter()
    writer.append(byte: Self.version)
    writer.append(lost)
    writer.append(difference: acknowledgedMs)
    writer.append(byte: lately == nil ? 0 : 1)
    if let lately {
      writer.append(lately.count)
      writer.append(difference: lately.fromMs)
      writer.append(difference: lately.toMs - lately.fromMs)
      writer.append(difference: lately.notedMs)
    }
    writer.append(Int64(counts.count))
    for count in counts {
      writer.append(text: count.bootID)
      writer.append(count.lowest)
      writer.append(difference: count.lowestMs)
      writer.append(count.highest - count.lowest)
      writer.append(difference: count.highestMs - count.lowestMs)
      writer.append(byte: count.isTrimmed ? 1 : 0)
      writer.append(Int64(count.open.count))
      var (arrived, atMs, openedMs) = (count.lowest, count.lowestMs, Int64(0))
      for range in count.open {
        writer.append(range.first - arrived)
        writer.append(range.last - range.first)
        writer.append(difference: range.fromMs - atMs)
        writer.append(difference: range.toMs - range.fromMs)
        writer.append(difference: range.openedMs - openedMs)
        (arrived, atMs, openedMs) = (range.last, range.toMs, range.openedMs)
      }
    }
    return writer.bytes
  }

  /// Reads what `encoded` wrote; nil for anything else.
  package init?(encoded bytes: Span<UInt8>) {
    var reader = VarintReader()
    guard reader.byte(bytes) == Self.version, let lost = reader.integer(bytes),
      lost <= SequenceNumber.largest, let acknowledgedMs = reader.difference(bytes),
      let hasLately = reader.byte(bytes), hasLately <= 1
    else { return nil }
    (self.lost, self.acknowledgedMs) = (lost, acknowledgedMs)
    if hasLately == 1 {
      guard let count = reader.integer(bytes), let fromMs = reader.difference(bytes),
        let length = reader.difference(bytes), let notedMs = reader.difference(bytes)
      else { return nil }
      lately = LostNumbers(count: count, fromMs: fromMs, toMs: fromMs &+ length, notedMs: notedMs)
    }
    guard let countOfCounts = reader.count(bytes), countOfCounts <= Self.countLimit else { return nil }
    for _ in 0..<countOfCounts {
      guard let count = Self.count(&reader, bytes) else { return nil }
      counts.append(count)
    }
    guard reader.isAtEnd(bytes) else { return nil }
  }

  private static func count(_ reader: inout VarintReader, _ bytes: Span<UInt8>) -> SequenceCount? {
    guard let bootID = reader.text(bytes), let lowest = reader.integer(bytes),
      let lowestMs = reader.difference(bytes), let length = reader.integer(bytes),
      let duration = reader.difference(bytes), let isTrimmed = reader.byte(bytes), isTrimmed <= 1,
      let ranges = reader.count(bytes), ranges <= openLimit
    else { return nil }
    var open: [MissingRange] = []
    var (arrived, atMs, openedMs) = (lowest, lowestMs, Int64(0))
    for _ in 0..<ranges {
      guard let gap = reader.integer(bytes), let more = reader.integer(bytes),
        let before = reader.difference(bytes), let around = reader.difference(bytes),
        let opened = reader.difference(bytes)
      else { return nil }
      let range = MissingRange(
        first: arrived &+ gap, last: arrived &+ gap &+ more, fromMs: atMs &+ before,
        toMs: atMs &+ before &+ around, openedMs: openedMs &+ opened)
      open.append(range)
      (arrived, atMs, openedMs) = (range.last, range.toMs, range.openedMs)
    }
    return SequenceCount(
      bootID: bootID, lowest: lowest, lowestMs: lowestMs, highest: lowest &+ length,
      highestMs: lowestMs &+ duration, isTrimmed: isTrimmed == 1, open: open)
  }
}

extension VarintWriter {
  /// Small for small differences of either sign.
  fileprivate mutating func append(difference: Int64) {
    let bits = UInt64(bitPattern: difference << 1 ^ difference >> 63)
    append(Int64(min(bits, 1 << 62)))
  }
}

extension VarintReader {
  fileprivate mutating func difference(_ bytes: Span<UInt8>) -> Int64? {
    integer(bytes).map { $0 >> 1 ^ -($0 & 1) }
  }
}
