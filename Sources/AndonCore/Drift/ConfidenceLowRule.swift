/// The rule `confidence_low` for one key: a pure fold over samples in event time.
///
/// ```
///                      mean < limit                  cover > on delay
/// insufficient → normal ───────────→ pending ──────────────────────→ active
///                  ↑  ←───────────────┘ mean ≥ limit                   │
///                  └───────────────────────────────────────────────────┘ mean ≥ clear limit for the clear delay
/// ```
/// The cover of a low run is the sum of the gaps between its samples, each at most the gap credit: a night
/// without samples is no proof of an hour's trouble. The recovery is measured in plain event time. The clock
/// plays no part. O(1) a sample; memory is the window's confidences. Sums are exact integers.
public struct ConfidenceLowRule: Sendable, Hashable {
  public enum State: Sendable, Hashable {
    /// Fewer samples than the window takes.
    case insufficientData
    case normal
    case pending(sinceMs: Int64)
    case active(sinceMs: Int64, raisedMs: Int64)
  }

  public let settings: DriftSettings
  public private(set) var state: State = .insufficientData
  public private(set) var lastSample: DriftSample?
  /// Of the low run that goes on, milliseconds.
  public private(set) var coverMs: Int64 = 0
  /// Since when the mean has been at or above the clear limit, while active.
  private var recoveringSinceMs: Int64?
  private var ring: [Int32] = []
  private var next = 0
  private var sum: Int64 = 0

  public init(settings: DriftSettings) { self.settings = settings }

  /// Samples in the mean, at most the window.
  public var sampleCount: Int { ring.count }

  /// The rolling mean in millionths, floored; nil until the window is full.
  public var meanPpm: Int32? {
    ring.count == settings.window ? Int32(sum / Int64(settings.window)) : nil
  }

  /// Takes the next sample. It must not lie before the last one.
  public mutating func apply(_ sample: DriftSample) {
    let gap = lastSample.map { sample.timestampMs - $0.timestampMs } ?? 0
    assert(gap >= 0, "samples come in event time")
    lastSample = sample
    take(sample.confidencePpm)
    guard ring.count == settings.window else { return }
    let isLow = sum < Int64(settings.limitPpm) * Int64(settings.window)
    switch state {
    case .insufficientData, .normal:
      state = .normal
      guard isLow else { return }
      coverMs = 0
      state = .pending(sinceMs: sample.timestampMs)
      raiseIfDue(sample)
    case .pending:
      guard isLow else {
        state = .normal
        coverMs = 0
        return
      }
      coverMs += min(gap, settings.gapCreditMs)
      raiseIfDue(sample)
    case .active:
      followRecovery(sample)
    }
  }

  private mutating func take(_ confidencePpm: Int32) {
    if ring.count < settings.window {
      ring.append(confidencePpm)
    } else {
      sum -= Int64(ring[next])
      ring[next] = confidencePpm
    }
    sum += Int64(confidencePpm)
    next = (next + 1) % settings.window
  }

  private mutating func raiseIfDue(_ sample: DriftSample) {
    guard case .pending(let sinceMs) = state else { return }
    guard coverMs > settings.onDelayMs || settings.onDelayMs == 0 else { return }
    state = .active(sinceMs: sinceMs, raisedMs: sample.timestampMs)
    recoveringSinceMs = nil
  }

  private mutating func followRecovery(_ sample: DriftSample) {
    guard sum >= Int64(settings.clearLimitPpm) * Int64(settings.window) else {
      recoveringSinceMs = nil
      return
    }
    let since = recoveringSinceMs ?? sample.timestampMs
    recoveringSinceMs = since
    guard sample.timestampMs - since >= settings.clearDelayMs else { return }
    state = .normal
    coverMs = 0
    recoveringSinceMs = nil
  }
}

extension ConfidenceLowRule {
  private static let formatVersion: Int64 = 1

  /// The whole state for a checkpoint in the store: little-endian integers and length-prefixed texts, about
  /// 4 bytes a sample of the window.
  public func encoded() -> [UInt8] {
    var writer = ByteWriter()
    writer.append(Self.formatVersion)
    // A state that was folded under other limits is none of ours: they are part of it.
    for value in Self.fingerprint(settings) { writer.append(value) }
    switch state {
    case .insufficientData: writer.append([0, 0, 0])
    case .normal: writer.append([1, 0, 0])
    case .pending(let since): writer.append([2, since, 0])
    case .active(let since, let raised): writer.append([3, since, raised])
    }
    writer.append([coverMs, recoveringSinceMs == nil ? 0 : 1, recoveringSinceMs ?? 0, Int64(next)])
    writer.append([lastSample == nil ? 0 : 1, lastSample?.timestampMs ?? 0])
    writer.append(Int64(lastSample?.confidencePpm ?? 0))
    writer.append(text: lastSample?.eventID ?? "")
    writer.append(text: lastSample?.workerID ?? "")
    writer.append(Int64(ring.count))
    for confidence in ring { writer.append(confidence) }
    return writer.bytes
  }

  /// Reads what `encoded` wrote; nil for anything else, and for a state that other settings led to.
  public init?(encoded bytes: [UInt8], settings: DriftSettings) {
    self.init(settings: settings)
    var reader = ByteReader(bytes)
    guard reader.integer() == Self.formatVersion else { return nil }
    for value in Self.fingerprint(settings) { guard reader.integer() == value else { return nil } }
    guard let kind = reader.integer(), let since = reader.integer(), let raised = reader.integer(),
      let cover = reader.integer(), let isRecovering = reader.integer(), let recovering = reader.integer(),
      let next = reader.integer(), let hasSample = reader.integer(), let timestamp = reader.integer(),
      let confidence = reader.integer(), let eventID = reader.text(), let workerID = reader.text(),
      let count = reader.integer(), (0...Int64(settings.window)).contains(count),
      (0..<Int64(settings.window)).contains(next), (0...1_000_000).contains(confidence)
    else { return nil }
    for _ in 0..<count {
      guard let value = reader.int32(), (0...1_000_000).contains(value) else { return nil }
      ring.append(value)
    }
    guard reader.isAtEnd else { return nil }
    switch kind {
    case 0: state = .insufficientData
    case 1: state = .normal
    case 2: state = .pending(sinceMs: since)
    case 3: state = .active(sinceMs: since, raisedMs: raised)
    default: return nil
    }
    coverMs = cover
    recoveringSinceMs = isRecovering == 1 ? recovering : nil
    self.next = Int(next)
    sum = ring.reduce(0) { $0 + Int64($1) }
    if hasSample == 1 {
      lastSample = DriftSample(
        timestampMs: timestamp, eventID: eventID, workerID: workerID, confidencePpm: Int32(confidence))
    }
  }

  private static func fingerprint(_ settings: DriftSettings) -> [Int64] {
    [
      Int64(settings.window), Int64(settings.limitPpm), Int64(settings.clearLimitPpm), settings.onDelayMs,
      settings.gapCreditMs, settings.clearDelayMs,
    ]
  }
}
