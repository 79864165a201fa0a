/// The mean of the last 24 closed hours, now and seven days ago: 24 sums and 168 means, about 1 kB.
struct DayMeans: Sendable, Hashable {
  /// Sums of the last 24 closed hours, by hour modulo 24.
  private var hourSums = [Int64](repeating: 0, count: 24)
  private var hourCounts = [Int32](repeating: 0, count: 24)
  /// The day's mean as of each of the last 168 closed hours, by hour modulo 168; −1 where too few samples were.
  private var means = [Int32](repeating: -1, count: 168)
  /// The last hour that closed.
  private(set) var lastHour: Int64?
  private var sum: Int64 = 0
  private var count: Int64 = 0

  /// Fewer samples in 24 h are no mean.
  static let minimum: Int64 = 30

  /// Closes the hour (hours come in order, some are missing) and tells the day's mean and the one of seven
  /// days before, in millionths, floored. O(hours since the last one), at most 192.
  mutating func close(_ hour: HourSum) -> (now: Int32?, weekBefore: Int32?) {
    if let lastHour {
      precondition(hour.hour > lastHour, "hours close in event time")
      // After 192 empty hours nothing of before is left.
      for missing in max(lastHour + 1, hour.hour - 192)..<hour.hour { roll(missing, 0, 0) }
    }
    let week = Self.slot(hour.hour, 168)
    let weekBefore = means[week]
    roll(hour.hour, hour.sum, Int32(clamping: hour.count))
    lastHour = hour.hour
    return (means[week] < 0 ? nil : means[week], weekBefore < 0 ? nil : weekBefore)
  }

  private mutating func roll(_ hour: Int64, _ hourSum: Int64, _ hourCount: Int32) {
    let slot = Self.slot(hour, 24)
    sum += hourSum - hourSums[slot]
    count += Int64(hourCount) - Int64(hourCounts[slot])
    hourSums[slot] = hourSum
    hourCounts[slot] = hourCount
    means[Self.slot(hour, 168)] = count >= Self.minimum ? Int32(sum / count) : -1
  }

  private static func slot(_ hour: Int64, _ count: Int64) -> Int { Int(((hour % count) + count) % count) }

  init() {}

  func encode(into writer: inout ByteWriter) {
    writer.append([lastHour == nil ? 0 : 1, lastHour ?? 0])
    for value in hourSums { writer.append(value) }
    for value in hourCounts { writer.append(value) }
    for value in means { writer.append(value) }
  }

  init?(_ reader: inout ByteReader) {
    guard let isThere = reader.flag(), let hour = reader.integer() else { return nil }
    lastHour = isThere ? hour : nil
    for slot in 0..<24 {
      guard let value = reader.integer(), (0...1 << 56).contains(value) else { return nil }
      hourSums[slot] = value
      sum += value
    }
    for slot in 0..<24 {
      guard let value = reader.int32(), value >= 0, hourSums[slot] <= Int64(value) * 1_000_000 else {
        return nil
      }
      hourCounts[slot] = value
      count += Int64(value)
    }
    for slot in 0..<168 {
      guard let value = reader.int32(), (-1...1_000_000).contains(value) else { return nil }
      means[slot] = value
    }
  }
}
