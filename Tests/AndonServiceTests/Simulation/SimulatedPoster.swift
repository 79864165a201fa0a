import Synchronization

@testable import AndonIngest
@testable import AndonStore

/// A sender that posts events over HTTP, records the answers, and repeats each request that has no complete
/// answer.
final class SimulatedPoster {
  /// One request, repeated until it is answered with its outcomes.
  private final class Request: Sendable {
    let camera: String
    let payload: String
    let eventIDs: [String]
    private let answered = Mutex<PostedEvents.Answer?>(nil)

    init(camera: String, payload: String, eventIDs: [String]) {
      self.camera = camera
      self.payload = payload
      self.eventIDs = eventIDs
    }

    var answer: PostedEvents.Answer? { answered.withLock { $0 } }
    var outcomes: [ItemOutcome]? {
      if case .committed(let outcomes) = answer { outcomes } else { nil }
    }
    func record(_ answer: PostedEvents.Answer?) { answered.withLock { $0 = answer } }
  }

  private var requests: [Request] = []
  /// Requests in flight, by their index in `requests`.
  private var posted: [Int: PostedEvents] = [:]
  private var made = 0
  private var storedAnswers: [String: Int] = [:]
  /// Errors found in answers, as messages.
  private(set) var broken: [String] = []
  /// Outcomes in answers so far, by kind: the store must have counted at least as many.
  private var counts: [ItemOutcome.Kind: Int64] = [:]
  /// All event ids that were posted.
  private(set) var eventIDs: Set<String> = []

  /// Creates a request with one to three events; sometimes one of them is invalid.
  func add(camera: String, chance: Chance, event: (_ id: String) -> String) {
    var items: [String] = []
    var ids: [String] = []
    for _ in 0...chance.below(3) {
      made += 1
      let id = "p\(made)"
      ids.append(id)
      items.append(chance.below(8) == 0 ? #"{"event_id":"\#(id)"}"# : event(id))
    }
    eventIDs.formUnion(ids)
    requests.append(
      Request(camera: camera, payload: "[\(items.joined(separator: ","))]", eventIDs: ids))
  }

  /// Posts the requests without a complete answer, and sometimes one that was stored long ago.
  func post(to httpQueue: HTTPIngestQueue, chance: Chance) {
    for (index, request) in requests.enumerated() where posted[index] == nil {
      guard request.outcomes == nil || chance.below(20) == 0, chance.below(3) > 0 else { continue }
      let events = PostedEvents(cameraID: request.camera, payload: Array(request.payload.utf8))
      posted[index] = events
      request.record(nil)
      events.post(to: httpQueue) { request.record($0) }
    }
  }

  /// The sender stops waiting; the posted events may still be committed.
  func loseHeart() {
    for events in posted.values { events.answer(.failed("it took too long")) }
    posted.removeAll()
  }

  /// Reads the answers that arrived since the last call.
  func takeAnswers() {
    for index in posted.keys.sorted() {
      let request = requests[index]
      if let outcomes = request.outcomes { record(outcomes, of: request) }
      if request.answer != nil { posted[index] = nil }
    }
  }

  /// The process died, possibly between commit and answer: no answer reaches the sender any more.
  func loseAnswers() {
    for index in posted.keys { requests[index].record(nil) }
    posted.removeAll()
  }

  private func record(_ outcomes: [ItemOutcome], of request: Request) {
    if outcomes.count != request.eventIDs.count {
      broken.append("\(outcomes.count) outcomes for \(request.eventIDs.count) events")
      return
    }
    for (outcome, id) in zip(outcomes, request.eventIDs) {
      counts[outcome.kind, default: 0] += 1
      guard outcome.kind == .stored || outcome.kind == .lowConfidence else { continue }
      storedAnswers[id, default: 0] += 1
      if storedAnswers[id] == 2 { broken.append("\(id) was answered stored twice") }
    }
  }

  /// Whether every request was answered with its outcomes at least once.
  var isDone: Bool { requests.allSatisfy { $0.outcomes != nil } }

  /// The properties of posted events that do not hold.
  func brokenPromises(stored: Set<String>, rejected: Set<String>, counters: OutcomeCounters) -> [String] {
    var all = broken
    for request in requests {
      guard let outcomes = request.outcomes else { continue }
      for (outcome, id) in zip(outcomes, request.eventIDs) {
        let isThere = outcome.kind == .rejected ? rejected.contains(id) : stored.contains(id)
        if !isThere { all.append("P1: \(id) was answered \(outcome.kind) and is not there") }
      }
    }
    for id in storedAnswers.keys.sorted() where !stored.contains(id) {
      all.append("P1: \(id) was answered stored and is not there")
    }
    let found: [ItemOutcome.Kind: Int64] = [
      .stored: counters.stored, .lowConfidence: counters.lowConfidence, .duplicate: counters.duplicate,
      .rejected: counters.rejected,
    ]
    for (kind, count) in counts where count > found[kind] ?? 0 {
      all.append("P4: \(count) were answered \(kind), \(found[kind] ?? 0) are counted")
    }
    return all
  }
}
