import AndonCore
import AndonRuntime

/// Faults between cameras and a bridge, at fixed rates.
struct SimulatedChaos: Sendable {
  private let siteID: String
  /// Messages that a camera holds back, to be sent later in one array.
  private var held: [String: [SimulatedMessage]] = [:]
  private var releaseMs: [String: Int64] = [:]
  /// Messages that will be sent once more.
  private var repeats: [SimulatedMessage] = []

  init(siteID: String) { self.siteID = siteID }

  /// Payloads that a bridge must reject, one of each kind.
  static let badPayloads = [
    #"{"timestamp":"2026-01-15T10:15:00Z","worker_id":"W1""#,
    #"{"timestamp":"2026-01-15T10:15:00Z","worker_id":"W1","event_type":"working","confidence":0.9}"#,
    #"{"timestamp":"2026-01-15T10:15:00Z","worker_id":"W1","workstation_id":"S1","event_type":"working","confidence":95}"#,
    #"{"timestamp":"2026-01-15T10:15:00","worker_id":"W1","workstation_id":"S1","event_type":"working","confidence":0.9}"#,
    #"{"timestamp":"9999-01-15T10:15:00Z","worker_id":"W1","workstation_id":"S1","event_type":"idle","confidence":0.9}"#,
    #"{"timestamp":"2026-01-15T10:15:00Z","worker_id":"W1","workstation_id":"S1","event_type":"dancing","confidence":0.9}"#,
  ]

  mutating func disturb(
    _ round: [SimulatedMessage], nowMs: Int64, random: inout SplitMix64
  ) -> [SimulatedMessage] {
    var out: [SimulatedMessage] = []
    for message in round { out += pass(message, random: &random) }
    let due = releaseMs.filter { $0.value <= nowMs }.keys.sorted()
    for camera in due {
      releaseMs[camera] = nil
      out += release(camera, nowMs: nowMs)
    }
    let again = repeats.prefix(2)
    out += again.map { repeated in
      var repeated = repeated
      repeated.atMs = nowMs
      return repeated
    }
    repeats.removeFirst(again.count)
    if random.chance(0.05) {
      let payload = Self.badPayloads[Int(random.next() % UInt64(Self.badPayloads.count))]
      out.append(
        SimulatedMessage(
          atMs: nowMs, kind: .event, cameraID: round.first?.cameraID ?? "cam-01", payload: Array(payload.utf8)
        ))
    }
    return out
  }

  private mutating func pass(_ message: SimulatedMessage, random: inout SplitMix64) -> [SimulatedMessage] {
    let camera = message.cameraID
    if releaseMs[camera] != nil {
      held[camera, default: []].append(message)
      return []
    }
    if random.chance(0.05) { repeats.append(message) }
    guard random.chance(0.002) else { return [message] }
    // This camera loses its network for 5 to 15 minutes and keeps its events.
    releaseMs[camera] = message.atMs + 300_000 + Int64(random.next() % 600_000)
    return [
      message,
      SimulatedMessage(atMs: message.atMs, kind: .status, cameraID: camera, payload: Array("offline".utf8)),
    ]
  }

  private mutating func release(_ camera: String, nowMs: Int64) -> [SimulatedMessage] {
    let messages = held.removeValue(forKey: camera) ?? []
    let online = SimulatedMessage(atMs: nowMs, kind: .status, cameraID: camera, payload: Array("online".utf8))
    return [online]
      + stride(from: 0, to: messages.count, by: 200).map { start in
        let items = messages[start..<Swift.min(start + 200, messages.count)]
        return SimulatedMessage(
          atMs: nowMs, kind: .event, cameraID: camera, payload: JSONWriter.array(items.map(\.payload)))
      }
  }
}
