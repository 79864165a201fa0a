import Synchronization

/// What is done to the sites of a fleet's bridge, for each site in the order in which it was said.
final class FleetSites: Sendable {
  private let last = Mutex<[String: Task<Void, Never>]>([:])

  /// Begins when all that was said of the site before is done.
  func perform(_ site: String, _ work: @escaping @Sendable () async -> Void) {
    last.withLock { last in
      let before = last[site]
      last[site] = Task {
        await before?.value
        await work()
      }
    }
  }

  /// Returns when all that was said until now is done.
  func finish() async {
    for task in last.withLock({ Array($0.values) }) { await task.value }
  }
}
