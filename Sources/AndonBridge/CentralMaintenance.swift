import AndonCentral
import AndonConfiguration
import AndonRuntime
import Dispatch
import Foundation
import Logging
import Postgres

/// A thread that has the central database keep itself in order: partitions, ages, erasures. On a connection of its own,
/// because a step may take seconds, and in a fleet commits would wait for it.
final class CentralMaintenance: Sendable {
  private static let intervalSeconds = 60

  private let settings: PostgresSettings
  private let stores: ShippedStores
  private let clock: WallClock
  private let logger: Logger
  private let interrupt: PostgresInterrupt
  private let isStopping = DispatchSemaphore(value: 0)

  init(_ settings: PostgresSettings, stores: ShippedStores, clock: WallClock, logger: Logger) throws {
    (self.settings, self.stores, self.clock, self.logger) = (settings, stores, clock, logger)
    interrupt = try PostgresInterrupt()
  }

  func run() {
    var told: String?
    // The sites' files are opened first.
    var pauseSeconds = 2
    while isStopping.wait(timeout: .now() + .seconds(pauseSeconds)) == .timedOut {
      pauseSeconds = Self.intervalSeconds
      let trouble = step()
      if let trouble, trouble != told {
        logger.notice("the central database's maintenance waits", metadata: ["error": "\(trouble)"])
      }
      told = trouble
    }
  }

  func stop() {
    isStopping.signal()
    interrupt.signal()
  }

  /// - Returns: why it did not come to its end, for example a lock that is not free while a backup runs; nil when it did.
  private func step() -> String? {
    guard let ageMs = stores.oldestAgeMs else { return nil }
    do throws(CentralError) {
      let session = try CentralSession(settings, incarnation: UUID().uuidString, interrupt: interrupt)
      defer { session.close() }
      _ = try session.maintain(oldestMs: clock.nowMs - ageMs)
      return nil
    } catch {
      return "\(error)"
    }
  }
}
