/// Makes pseudonyms for one thread, and remembers those of the periods in use: most events are of workers who were seen a
/// moment ago. Memory: bounded, about 100 bytes a worker and period.
package struct PseudonymCache: Sendable {
  private struct Page: Sendable {
    var period: PseudonymPeriod
    var texts: [String: String] = [:]
  }

  /// The page of the last event first.
  private var pages: [Page] = []
  private static let pageLimit = 4
  private static let textLimit = 20_000

  package init() {}

  /// The pseudonym of a worker at that time, `P-` and 13 characters. The key is on disk when this returns.
  package mutating func workerID(_ id: String, atMs ms: Int64, _ pseudonyms: SitePseudonyms) throws -> String
  {
    if let first = pages.first, first.period.contains(ms), let known = first.texts[id] { return known }
    return workerID(id, try page(ms) { try pseudonyms.period(containing: ms) })
  }

  /// The same for a rejected event; nil when its time begins no period.
  package mutating func workerID(
    ofRejected id: String, atMs ms: Int64, _ bounds: SitePseudonyms.Bounds, _ pseudonyms: SitePseudonyms
  ) throws -> String? {
    guard let period = try pseudonyms.period(ofRejected: ms, bounds) else { return nil }
    return workerID(id, page(ms) { period })
  }

  /// What stands for an event id that contains the worker's id; other event ids stay.
  package mutating func eventID(
    _ eventID: String, of workerID: String, atMs ms: Int64, _ pseudonyms: SitePseudonyms
  ) throws -> String {
    guard eventID.utf8.count >= workerID.utf8.count, eventID.contains(workerID) else { return eventID }
    let place = try page(ms) { try pseudonyms.period(containing: ms) }
    return PseudonymText.text("E", eventID, pages[place].period.key)
  }

  private mutating func workerID(_ id: String, _ place: Int) -> String {
    if let known = pages[place].texts[id] { return known }
    if pages[place].texts.count >= Self.textLimit { pages[place].texts.removeAll() }
    let text = PseudonymText.text("P", id, pages[place].period.key)
    pages[place].texts[id] = text
    return text
  }

  /// The place of the page of that time, now the first one.
  private mutating func page(_ ms: Int64, _ period: () throws -> PseudonymPeriod) rethrows -> Int {
    if let place = pages.firstIndex(where: { $0.period.contains(ms) }) {
      if place > 0 { pages.swapAt(0, place) }
      return 0
    }
    pages.insert(Page(period: try period()), at: 0)
    if pages.count > Self.pageLimit { pages.removeLast() }
    return 0
  }
}
