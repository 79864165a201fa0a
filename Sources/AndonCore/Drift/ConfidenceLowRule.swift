/// The rule `confidence_low` for one key: a pure function of the samples in event time.
///
/// Low is a mean of the last `window` samples below the limit, good is a mean at or above the clear limit;
/// `OnDelay` decides what follows. The clock plays no part, so equal samples give an equal rule. O(1) a
/// sample; six bytes for each sample of the window. Sums are exact integers.
public struct ConfidenceLowRule: Sendable, Hashable {
  public typealias State = OnDelayState

  public let settings: DriftSettings
  /// The last sample, without the ids that gave it its place among those of the same time.
  public var lastSample: DriftSample? {
    last.map { DriftSample(timestampMs: $0.timestampMs, confidencePpm: $0.confidencePpm) }
  }
  package var lastMs: Int64? { last?.timestampMs }
  private struct Last: Sendable, Hashable {
    var timestampMs: Int64
    var confidencePpm: Int32
  }
  private var last: Last?
  /// How many samples have the time of the last one.
  public private(set) var samplesAtLast = 0
  private var machine = OnDelay()
  private var ring: SampleRing
  private var sum: Int64 = 0

  public init(settings: DriftSettings) {
    self.settings = settings
    ring = SampleRing(window: settings.window)
  }

  public var state: State { machine.state }

  /// The active duration of the open episode, milliseconds; 0 without one.
  public var activeMs: Int64 { machine.activeMs }

  /// Samples in the mean, at most the window.
  public var sampleCount: Int { ring.count }

  /// The rolling mean in millionths, floored; nil until the window is full.
  public var meanPpm: Int32? { isFull ? Int32(sum / Int64(settings.window)) : nil }

  private var isFull: Bool { ring.isFull }

  // Sums are compared, not means: one millionth in one sample counts.
  var isLow: Bool { isFull && sum < Int64(settings.limitPpm) * Int64(settings.window) }

  private var isClear: Bool { isFull && sum >= Int64(settings.clearLimitPpm) * Int64(settings.window) }

  /// The confidence of the sample that the next one replaces; nil until the window is full.
  var oldestPpm: Int32? { ring.oldestPpm }

  /// The confidence of the sample `ago` places before the last one, which is number 0.
  func confidencePpm(ago: Int) -> Int32 { ring.confidencePpm(ago: ago) }

  /// The time from that sample's predecessor to it, at most `SampleRing.longestGapMs`; 0 for the first one.
  func gapMs(ago: Int) -> Int64 { ring.gapMs(ago: ago) }

  /// Applies the next sample, which must not lie before the last one, and returns the resulting step.
  @discardableResult
  public mutating func apply(_ sample: DriftSample) -> DriftTransition? {
    apply(atMs: sample.timestampMs, confidencePpm: sample.confidencePpm)
  }

  mutating func apply(atMs ms: Int64, confidencePpm: Int32) -> DriftTransition? {
    var gapMs: Int64 = 0
    if let last {
      precondition(ms >= last.timestampMs, "samples come in event time")
      gapMs = ms - last.timestampMs
    }
    let wasLow = isLow
    samplesAtLast = ms == last?.timestampMs ? samplesAtLast + 1 : 1
    last = Last(timestampMs: ms, confidencePpm: confidencePpm)
    sum += Int64(confidencePpm) - Int64(ring.oldestPpm ?? 0)
    ring.push(confidencePpm: confidencePpm, gapMs: gapMs)
    guard isFull else { return nil }
    return machine.apply(
      wasBad: wasLow, isBad: isLow, isWell: isClear, atMs: ms, gapMs: gapMs, timing: settings.timing)
  }
}

// The checkpoint. It stands in this file because it alone may read and set the private state.
extension ConfidenceLowRule {
  private static let formatVersion: Int64 = 5
  /// Any time of the calendar; the difference of two such times does not overflow.
  static let times: ClosedRange<Int64> = -(1 << 60)...(1 << 60)

  /// The whole state for a checkpoint in the store: little-endian integers and length-prefixed texts, about 6
  /// bytes for each sample of the window. Equal rules give equal bytes.
  public func encoded() -> [UInt8] {
    var writer = ByteWriter()
    encode(into: &writer)
    return writer.bytes
  }

  func encode(into writer: inout ByteWriter) {
    writer.append(Self.formatVersion)
    // The settings are part of the state: one that was computed with other limits is refused.
    writer.append(settings.fingerprint)
    machine.encode(into: &writer)
    writer.append([last == nil ? 0 : 1, last?.timestampMs ?? 0])
    writer.append(Int64(last?.confidencePpm ?? 0))
    writer.append(Int64(samplesAtLast))
    writer.append(Int64(ring.count))
    writer.append(bytes: ring.orderedBytes)
  }

  /// Reads what `encoded` wrote. Nil for anything else, for a state that no samples lead to, and for one that
  /// was computed with other settings. For all bytes that it accepts, `encoded` gives the same bytes again.
  public init?(encoded bytes: [UInt8], settings: DriftSettings) {
    var reader = ByteReader(bytes)
    self.init(&reader, settings: settings)
    guard reader.isAtEnd else { return nil }
  }

  init?(_ reader: inout ByteReader, settings: DriftSettings) {
    self.init(settings: settings)
    guard reader.integer() == Self.formatVersion else { return nil }
    for value in settings.fingerprint { guard reader.integer() == value else { return nil } }
    guard let machine = OnDelay(&reader), readLastSample(&reader), let count = reader.integer(),
      (0...Int64(settings.window)).contains(count),
      let bytes = reader.bytes(Int(count) * SampleRing.bytesPerSample),
      let ring = SampleRing(window: settings.window, orderedBytes: bytes)
    else { return nil }
    self.machine = machine
    self.ring = ring
    for ago in 0..<ring.count { sum += Int64(ring.confidencePpm(ago: ago)) }
    guard isPossible else { return nil }
  }

  private mutating func readLastSample(_ reader: inout ByteReader) -> Bool {
    guard let isThere = reader.flag(), let timestamp = reader.integer(), let confidence = reader.integer(),
      let count = reader.integer()
    else { return false }
    guard isThere else { return timestamp == 0 && confidence == 0 && count == 0 }
    guard Self.times.contains(timestamp), (0...1_000_000).contains(confidence), (1...1 << 40).contains(count)
    else { return false }
    last = Last(timestampMs: timestamp, confidencePpm: Int32(confidence))
    samplesAtLast = Int(count)
    return true
  }

  /// Whether some sequence of samples leads to this state.
  private var isPossible: Bool {
    guard let last else { return ring.count == 0 && state == .insufficientData && isAtRest }
    guard ring.count > 0, ring.confidencePpm(ago: 0) == last.confidencePpm, isCountPossible else {
      return false
    }
    let lastMs = last.timestampMs
    switch state {
    case .insufficientData: return !isFull && isAtRest
    case .normal: return isFull && !isLow && isAtRest
    case .pending(let since):
      guard Self.times.contains(since), since <= lastMs else { return false }
      return isLow && machine.recoveringSinceMs == nil && (0...lastMs - since).contains(activeMs)
        && !OnDelay.isDue(activeMs: activeMs, settings.timing)
    case .active(let since, let raised):
      guard Self.times.contains(since), since <= raised, raised <= lastMs else { return false }
      return (0...lastMs - since).contains(activeMs) && OnDelay.isDue(activeMs: activeMs, settings.timing)
        && isClear == (machine.recoveringSinceMs != nil)
        && isRecoveryPossible(raisedMs: raised, lastMs: lastMs)
    }
  }

  /// Samples of one time have no gap between them.
  private var isCountPossible: Bool {
    let withoutGap = (0..<ring.count).prefix { ring.gapMs(ago: $0) == 0 }.count
    return withoutGap < ring.count ? samplesAtLast == withoutGap + 1 : samplesAtLast >= ring.count
  }

  private var isAtRest: Bool { activeMs == 0 && machine.recoveringSinceMs == nil }

  private func isRecoveryPossible(raisedMs: Int64, lastMs: Int64) -> Bool {
    guard let recoveringSinceMs = machine.recoveringSinceMs else { return true }
    return recoveringSinceMs >= raisedMs && recoveringSinceMs <= lastMs
      && lastMs - recoveringSinceMs < settings.clearDelayMs
  }
}
