import Foundation

/// The bridge's clock, milliseconds since 1970-01-01T00:00:00Z. It is passed in wherever a time is needed.
package struct WallClock: Sendable {
  private let read: @Sendable () -> Int64

  package init(_ read: @escaping @Sendable () -> Int64) { self.read = read }

  package var nowMs: Int64 { read() }

  /// The machine's real-time clock.
  package static let system = WallClock {
    Int64((Date().timeIntervalSince1970 * 1000).rounded(.down))
  }
}
