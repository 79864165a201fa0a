import Foundation
import Mosquitto
import TestSupport
import Testing

/// Row 50 of docs/reliability.md: a host that does not answer is given up in time, and the wait can be ended.
@Suite(.ownThread) struct ConnectDeadlineTests {
  private let peer: SilentPeer

  init() throws { peer = try SilentPeer() }

  private func settings(seconds: Int) -> ConnectionSettings {
    var settings = ConnectionSettings(host: "127.0.0.1", port: peer.port, clientID: "a")
    settings.connectSeconds = seconds
    return settings
  }

  @Test func fault50_aHostThatDropsEverythingIsGivenUpInTimeAndNamed() throws {
    let connection = try Connection(settings(seconds: 1))
    let start = ContinuousClock.now
    let error = try #require(throws: MosquittoError.self) { try connection.connect() }
    #expect(ContinuousClock.now - start < .seconds(10))
    #expect(
      "\(error)".contains(
        "cannot connect to 127.0.0.1:\(peer.port): no answer from 127.0.0.1:\(peer.port) for 1 s"),
      "\(error)")
  }

  @Test func fault50_aWakeUpEndsTheWait() throws {
    let connection = try Connection(settings(seconds: 600))
    let wakeup = try Wakeup()
    var asked = 0
    wakeup.signal()
    let start = ContinuousClock.now
    let error = try #require(throws: MosquittoError.self) {
      try connection.connect(wakeup: wakeup) {
        asked += 1
        return asked < 2
      }
    }
    #expect(error.isInterruption && asked == 2)
    #expect(ContinuousClock.now - start < .seconds(60))
  }

  @Test func `a name with several addresses is reached`() throws {
    let broker = try Broker()
    var settings = broker.settings()
    settings.host = "localhost"
    try Driver(settings).connect()
  }

  @Test func `the connection works after an attempt that failed`() throws {
    let broker = try Broker()
    let port = broker.port
    broker.stop()
    let driver = try Driver(ConnectionSettings(host: "127.0.0.1", port: port, clientID: "a"))
    #expect(throws: MosquittoError.self) { try driver.connection.connect() }
    try broker.start()
    try driver.connect()
  }
}
