import Foundation
import Logging
import Mosquitto

@testable import AndonPublish

/// The production publisher with a model broker, stepped by the test.
final class PublishHarness {
  let publishQueue: PublishQueue
  let clock = VirtualClock(startMs: TestSite.nowMs)
  let loop: PublishLoop
  private let broker: PublishBroker
  private let firstMid: Int32
  private var link: PublishLinkModel?
  private var nextAttemptMs: Int64 = 0
  private var random = SeededRandom(state: 7)
  /// The first connection breaks after this many publications.
  var breaksAfter = Int.max
  /// The broker cannot be reached.
  var isAway = false

  init(_ broker: PublishBroker, firstMid: Int32 = 1, host: DiscoveryHost? = nil) throws {
    self.broker = broker
    self.firstMid = firstMid
    publishQueue = PublishQueue(wakeup: try Wakeup())
    var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    logger.logLevel = .critical
    loop = PublishLoop(
      publishQueue: publishQueue, availabilityTopic: "availability", address: "model:1883", host: host,
      monotonic: clock.monotonic, logger: logger)
  }

  func lose() { broker.drop() }

  func turn() throws {
    clock.advance(milliseconds: 100)
    guard !isAway else { return }
    do {
      if link == nil {
        guard clock.monotonicMs >= nextAttemptMs else { return }
        let fresh = PublishLinkModel(broker, firstMid: firstMid)
        (fresh.breaksAfter, breaksAfter) = (breaksAfter, .max)
        link = fresh
        try loop.begin(fresh)
      }
      try loop.step()
    } catch {
      link = nil
      nextAttemptMs = clock.monotonicMs + loop.lost(error, using: &random)
    }
  }

  /// Returns the number of steps.
  @discardableResult
  func runUntilIdle(limit: Int) throws -> Int {
    for turn in 1...limit {
      try self.turn()
      if loop.isConnected, loop.isIdle { return turn }
    }
    return limit
  }
}
