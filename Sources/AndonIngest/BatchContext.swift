import AndonCore
import AndonStore

/// One batch inside its transaction: what its events are judged by, and what became of them so far.
///
/// The engine passes it `inout` to each step. It lives on the stack for one transaction.
struct BatchContext {
  let rules: IngestRules
  let transaction: StoreTransaction
  /// The bridge's clock, epoch milliseconds.
  let nowMs: Int64
  /// Whether events may be judged by their time.
  let clockState: ClockTrust.State
  /// All rejections up to the last commit. The ids of new quarantine rows continue from there.
  let rejectedBefore: Int64
  /// The time of receipt that events are judged by and stored with: `nowMs`, and for a replayed quarantine row the
  /// time that the row was received.
  var receivedAtMs: Int64
  /// A person replays quarantine rows: such an event says nothing about its camera or the bridge's clock.
  var isReplay = false
  var statistics = BatchStatistics()
  var update = SiteEngine.Update()
  /// The numbers of the events that arrived, by camera.
  private(set) var arrivals: [String: [SequenceArrival]] = [:]
  /// Cameras whose row changed.
  var touchedCameras: Set<String> = []

  init(
    rules: IngestRules, transaction: StoreTransaction, nowMs: Int64, clockState: ClockTrust.State,
    rejectedBefore: Int64
  ) {
    self.rules = rules
    self.transaction = transaction
    self.nowMs = nowMs
    self.clockState = clockState
    self.rejectedBefore = rejectedBefore
    receivedAtMs = nowMs
  }

  /// Records that an event arrived, with any outcome.
  ///
  /// - Parameter timestampMs: the event's time, if it could be read.
  mutating func record(_ sequence: SequenceNumber?, timestampMs: Int64?, camera: String) {
    guard let sequence else { return }
    arrivals[camera, default: []].append(SequenceArrival(sequence, atMs: timestampMs ?? receivedAtMs))
  }
}
