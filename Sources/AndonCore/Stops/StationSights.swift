/// When workstations were first seen in a range of time, and by whom. O(1) an event.
package struct StationSights: Sendable {
  /// By the workstation's number, its first event in the range.
  package private(set) var firstMs: [Int32: Int64] = [:]
  /// By the workstation's number, the numbers of the workers who had an event there.
  package private(set) var visitors: [Int32: Set<Int32>] = [:]

  package init() {}

  /// - Parameter worker: 0 for units without a worker.
  package mutating func add(_ worker: Int32, at station: Int32, ms: Int64) {
    firstMs[station] = min(firstMs[station] ?? ms, ms)
    addVisitor(worker, at: station)
  }

  /// Adds a worker at a workstation whose first event is known.
  package mutating func addVisitor(_ worker: Int32, at station: Int32) {
    if worker != 0 { visitors[station, default: []].insert(worker) }
  }

  package func hasVisitor(_ worker: Int32, at station: Int32) -> Bool {
    worker == 0 || visitors[station]?.contains(worker) == true
  }
}
