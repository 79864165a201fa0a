/// The reasons of a site: which ones there are, which of them are planned, and what was given for which time.
///
/// A pure value. What it says of a stop is a function of the journal and of the stops of the same workstation and shift,
/// so that any order of arrival of events gives the same.
package struct StopReasons: Sendable, Hashable {
  /// As configured, in their order.
  package let catalog: [StopReason]
  private let byID: [String: StopReason]
  /// By workstation, the oldest first.
  private let given: [String: [GivenReason]]

  /// - Parameter given: those that may overlap the stops that are asked for, in any order.
  package init(_ catalog: [StopReason], given: [GivenReason] = []) {
    self.catalog = catalog
    byID = Dictionary(catalog.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    self.given = Dictionary(grouping: given, by: \.workstationID)
      .mapValues { $0.sorted { $0.number < $1.number } }
  }

  /// What was given for each stop of one workstation in one shift; nil: nothing, or it was taken away. Of several the
  /// newest counts.
  ///
  /// - Parameter spans: start and end of all of these stops, without micro-stops, in order of time, disjoint, not empty.
  ///   Without some of them, a reason may be given to another one. O(reasons × log spans).
  package func given(at workstation: String, for spans: [Range<Int64>]) -> [GivenReason?] {
    var newest = [GivenReason?](repeating: nil, count: spans.count)
    guard !spans.isEmpty else { return newest }
    for reason in given[workstation] ?? [] {
      if let place = reason.place(among: spans) { newest[place] = reason }
    }
    return newest.map { $0?.reasonID == nil ? nil : $0 }
  }

  /// The same for stops, which are of one workstation and one shift.
  package func given(for stops: [Stop]) -> [GivenReason?] {
    guard let first = stops.first else { return [] }
    return given(at: first.workstationID, for: stops.map { $0.startMs..<max($0.endMs, $0.startMs + 1) })
  }

  /// The reason with an id. One that is not configured any more has its id as its name, and is not planned.
  package func reason(_ id: String) -> StopReason { byID[id] ?? StopReason(id: id, name: id) }

  package func isConfigured(_ id: String) -> Bool { byID[id] != nil }

  /// Whether a stop with this reason was planned; one without a reason was not.
  package func isPlanned(_ given: GivenReason?) -> Bool {
    given?.reasonID.map { reason($0).isPlanned } ?? false
  }
}
