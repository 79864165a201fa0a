import AndonCore

/// Asks a broker again for sites of which not all came: a broker drops retained messages when more are due at once than its
/// queue takes. A few sites at a time get subscriptions of their own, which bring what is kept. A site of which the same is
/// missing afterwards is asked for ever more seldom.
struct SiteRepair {
  struct Step: Equatable {
    /// Filters to unsubscribe from.
    var old: [String] = []
    /// Filters to subscribe to, with what is retained.
    var new: [String] = []
  }

  private struct Wait {
    var untilMs: Int64
    var lengthMs: Int64
  }

  /// What a question asked for has come when nothing retained came for so long after the broker's word.
  private static let quietMs: Int64 = 500
  /// When nothing is due, the sites are looked at again that much later.
  private static let pauseMs: Int64 = 5000
  private static let shortestWaitMs: Int64 = 2000
  static let longestWaitMs: Int64 = 3_600_000
  /// A site has four filters, and at most as many messages as windows and alerts, a summary and its names.
  static let sitesAtOnce = 64

  private let topics: TopicNames
  private var dueMs: Int64 = 0
  private var asked: [String] = []
  private var filters: [String] = []
  private var waits: [String: Wait] = [:]
  private var packetID: Int32?
  /// When the last of what was asked for came; nil before the broker's word.
  private var newestMs: Int64?

  init(root: String) { topics = TopicNames(root: root) }

  /// The subscriptions of the last step left in this packet.
  mutating func sent(packetID: Int32) { self.packetID = packetID }

  /// The broker answered a subscription.
  mutating func subscribed(packetID: Int32, nowMs: Int64) {
    guard packetID == self.packetID else { return }
    newestMs = nowMs
  }

  /// Retained messages came.
  mutating func retainedCame(nowMs: Int64) {
    if newestMs != nil { newestMs = nowMs }
  }

  /// The next step; nil while nothing is due.
  ///
  /// - Parameters:
  ///   - done: told the sites of which all came that the broker keeps.
  ///   - open: the sites that are to be asked for.
  mutating func step(nowMs: Int64, done: ([String]) -> Void, open: () -> [String]) -> Step? {
    guard nowMs >= dueMs else { return nil }
    if !asked.isEmpty {
      guard let newestMs, nowMs - newestMs >= Self.quietMs else { return nil }
      done(asked)
    }
    let found = open()
    let known = Set(found)
    waits = waits.filter { known.contains($0.key) || nowMs < $0.value.untilMs }
    // Those that were never asked for come first.
    let due = found.map { (waits[$0]?.untilMs ?? .min, $0) }.filter { $0.0 <= nowMs }.sorted { $0 < $1 }
    asked = due.prefix(Self.sitesAtOnce).map(\.1)
    for site in asked {
      let length = min(waits[site].map { $0.lengthMs * 2 } ?? Self.shortestWaitMs, Self.longestWaitMs)
      waits[site] = Wait(untilMs: nowMs + length, lengthMs: length)
    }
    let step = Step(old: filters, new: filters(of: asked))
    (filters, packetID, newestMs) = (step.new, nil, nil)
    dueMs = asked.isEmpty ? nowMs + nextMs(nowMs) : nowMs
    return step == Step() ? nil : step
  }

  private func nextMs(_ nowMs: Int64) -> Int64 {
    let next = waits.values.lazy.map(\.untilMs).min() ?? (nowMs + Self.pauseMs)
    return max(Self.quietMs, min(Self.pauseMs, next - nowMs))
  }

  /// Names come last: they are long, and what they push out of the broker's queue is only names.
  private func filters(of sites: [String]) -> [String] {
    sites.map { topics.alertSummary(site: $0) }
      + sites.map { topics.alert(site: $0, class: "+", source: "+") }
      + sites.map { topics.kpi(site: $0, scope: "site", id: $0, window: "+") }
      + sites.map { topics.metaSite(site: $0) }
  }
}
