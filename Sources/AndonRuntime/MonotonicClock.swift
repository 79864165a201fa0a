/// Milliseconds from some start that only grow, whatever becomes of the wall clock.
package struct MonotonicClock: Sendable {
  private let read: @Sendable () -> Int64

  package init(_ read: @escaping @Sendable () -> Int64) { self.read = read }

  package var nowMs: Int64 { read() }

  /// The machine's, which also runs while it sleeps.
  package static let system: MonotonicClock = {
    let start = ContinuousClock.now
    return MonotonicClock { Int64((ContinuousClock.now - start) / .milliseconds(1)) }
  }()
}
