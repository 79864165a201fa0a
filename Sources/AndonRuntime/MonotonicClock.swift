/// Milliseconds since an arbitrary start. They only grow; steps of the wall clock do not affect them.
package struct MonotonicClock: Sendable {
  private let read: @Sendable () -> Int64

  package init(_ read: @escaping @Sendable () -> Int64) { self.read = read }

  package var nowMs: Int64 { read() }

  /// The machine's clock, which also runs while the machine sleeps.
  package static let system: MonotonicClock = {
    let start = ContinuousClock.now
    return MonotonicClock {
      let (seconds, attoseconds) = (ContinuousClock.now - start).components
      return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
  }()
}
