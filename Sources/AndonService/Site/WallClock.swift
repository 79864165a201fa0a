import Foundation

/// The bridge's clock, milliseconds since 1970-01-01T00:00:00Z. Passed in wherever a time is needed.
package struct WallClock: Sendable {
  private let read: @Sendable () -> Int64

  package init(_ read: @escaping @Sendable () -> Int64) { self.read = read }

  package var nowMs: Int64 { read() }

  /// The machine's real-time clock.
  package static let system = WallClock {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }
}
