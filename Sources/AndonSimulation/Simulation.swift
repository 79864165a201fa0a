import AndonCore
import AndonIngest
import AndonRuntime

/// The cameras' messages of a plant's shift: generated on demand, in bounded memory, equal for equal
/// settings.
package struct Simulation: Sequence, IteratorProtocol, Sendable {
  package let settings: SimulationSettings
  private var random: SplitMix64
  private var workers: [SimulatedWorker]
  private var confidences: [SimulatedConfidence]
  private var chaos: SimulatedChaos?
  private var pending: [SimulatedMessage] = []
  private var nowMs: Int64
  private var serial = 0
  /// How many events each camera has sent.
  private var counts: [Int64]

  package static let modelVersion = "yolov8-1.2.0"

  package init(_ settings: SimulationSettings) {
    self.settings = settings
    var random = SplitMix64(seed: settings.seed)
    workers = (0..<settings.workers).map {
      SimulatedWorker(number: $0, stations: settings.workstations, random: &random)
    }
    let drifting = settings.scenario == .drift ? Swift.min(1, settings.cameras - 1) : -1
    confidences = (0..<settings.cameras).map {
      SimulatedConfidence(
        lossOverMs: $0 == drifting ? settings.driftOverMs ?? settings.durationMs / 10 : nil)
    }
    counts = Array(repeating: 0, count: settings.cameras)
    chaos = settings.scenario == .chaos ? SimulatedChaos(siteID: settings.siteID) : nil
    self.random = random
    nowMs = settings.fromMs
    pending = (0..<settings.cameras).map { status("online", camera: $0) }.reversed()
  }

  /// The camera's id by number.
  package static func cameraID(_ number: Int) -> String {
    number < 9 ? "cam-0\(number + 1)" : "cam-\(number + 1)"
  }

  /// From an instant on, the model of a camera loses confidence.
  package mutating func beginDrift(camera: Int, atMs: Int64, overMs: Int64) {
    confidences[camera].loseConfidence(afterMs: atMs - settings.fromMs, overMs: overMs)
  }

  /// The messages until an instant, without those that say that a camera is online.
  package mutating func events(before ms: Int64, _ body: (SimulatedMessage) throws -> Void) rethrows {
    while nowMs < ms || !pending.isEmpty, let message = next() {
      if message.kind == .event { try body(message) }
    }
    pending = (0..<settings.cameras).map { status("online", camera: $0) }.reversed()
  }

  package mutating func next() -> SimulatedMessage? {
    while pending.isEmpty {
      guard nowMs < settings.fromMs + settings.durationMs else { return nil }
      var round = dequeueDue()
      if chaos != nil { round = chaos?.disturb(round, nowMs: nowMs, random: &random) ?? round }
      pending = round.sorted { $0.atMs < $1.atMs }.reversed()
      nowMs += lookMs
    }
    return pending.removeLast()
  }

  private static let distantLookMs: Int64 = 30_000

  /// The time to the next observation.
  private var lookMs: Int64 {
    settings.closelyFromMs.map { nowMs < $0 ? Self.distantLookMs : settings.lookMs } ?? settings.lookMs
  }

  private var isPlanned: Bool { settings.planned?.spans.contains { $0.contains(nowMs) } ?? true }

  /// One observation of all workers by all cameras, spread over the interval.
  private mutating func dequeueDue() -> [SimulatedMessage] {
    var messages: [SimulatedMessage] = []
    let sinceStart = nowMs - settings.fromMs
    let (isPlanned, ofGroup) = (isPlanned, Swift.max(1, settings.workstations / settings.groups))
    for index in workers.indices {
      guard isPlanned || !workers[index].isAway else { continue }
      workers[index].advance(
        to: nowMs, sinceStartMs: sinceStart, spanMs: settings.planned == nil ? settings.durationMs : 0,
        ofGroup: ofGroup, isPlanned: isPlanned,
        random: &random)
      let isWaiting = settings.standstills.contains {
        $0.station == workers[index].station && $0.range.contains(nowMs)
      }
      if isWaiting { workers[index].wait() }
      let worker = workers[index]
      let atMs = nowMs + Int64(index) * lookMs / Int64(workers.count) + Int64(random.next() % 200)
      let camera = worker.station % settings.cameras
      messages.append(message(event(worker, worker.kind, 0, atMs, camera), camera))
      if let units = workers[index].producedUnits(at: nowMs, random: &random) {
        messages.append(message(event(worker, .productCount, units, atMs + 50, camera), camera))
      }
    }
    return messages
  }

  private mutating func event(
    _ worker: SimulatedWorker, _ kind: EventKind, _ count: Int32, _ atMs: Int64, _ camera: Int
  ) -> Event {
    serial += 1
    counts[camera] += 1
    let hour = Double(atMs % 86_400_000) / 3_600_000
    return Event(
      timestampMs: atMs, workerID: worker.id, workstationID: "S\(worker.station + 1)", kind: kind,
      confidencePpm: confidences[camera].next(
        hourOfDay: hour, sinceStartMs: atMs - settings.fromMs, random: &random), count: count,
      eventID: "\(Self.cameraID(camera))-\(settings.seed)-\(settings.fromMs / 1000)-\(serial)",
      modelVersion: Self.modelVersion,
      sequence: settings.numbersEvents
        ? SequenceNumber(counts[camera] - 1, bootID: "\(settings.seed)-\(settings.fromMs)") : nil)
  }

  private func message(_ event: Event, _ camera: Int) -> SimulatedMessage {
    SimulatedMessage(
      atMs: event.timestampMs, kind: .event, cameraID: Self.cameraID(camera), payload: EventWriter.json(event)
    )
  }

  private func status(_ word: String, camera: Int) -> SimulatedMessage {
    SimulatedMessage(
      atMs: settings.fromMs, kind: .status, cameraID: Self.cameraID(camera), payload: Array(word.utf8))
  }
}
