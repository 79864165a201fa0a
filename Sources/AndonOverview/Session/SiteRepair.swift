import AndonCore

/// Asks a broker again for the alerts of sites of which not all came: a broker drops retained messages when more are due
/// at once than its queue takes. A few sites at a time get subscriptions of their own, which bring what is kept.
struct SiteRepair {
  /// Between two steps: what one asked for must have come before the next.
  private static let everyMs: Int64 = 1000
  /// After the last site the first ones are looked at again, that much later.
  private static let pauseMs: Int64 = 30_000
  /// A site has three filters, and at most as many messages as open and past alerts, a summary and its names.
  private static let sitesAtOnce = 100

  private let topics: TopicNames
  private var dueMs: Int64 = 0
  private var last = ""
  private var subscribed: [String] = []

  init(root: String) { topics = TopicNames(root: root) }

  /// The next step: what to unsubscribe from, and what to subscribe to with what is retained; nil while nothing is due.
  mutating func step(nowMs: Int64, sites: (_ after: String, _ limit: Int) -> [String]) -> (
    old: [String], new: [String]
  )? {
    guard nowMs >= dueMs else { return nil }
    let found = sites(last, Self.sitesAtOnce)
    let old = subscribed
    subscribed = found.flatMap { site in
      [
        topics.alertSummary(site: site), topics.alert(site: site, class: "+", source: "+"),
        topics.metaSite(site: site),
      ]
    }
    last = found.count == Self.sitesAtOnce ? found[found.count - 1] : ""
    dueMs = nowMs + (last.isEmpty && found.isEmpty ? Self.pauseMs : Self.everyMs)
    return old.isEmpty && subscribed.isEmpty ? nil : (old, subscribed)
  }
}
