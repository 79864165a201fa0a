import Foundation
import Mosquitto
import TestSupport
import Testing

@testable import AndonRuntime

/// Row 50 of docs/reliability.md: a broker host that drops every packet.
@Suite(.serialized, .ownThread) struct SilentHostTests {
  @Test func fault50_postedEventsAreServedAndSIGTERMEndsTheBridgeAtOnce() throws {
    let peer = try SilentPeer()
    let folder = try TemporaryFolder.make("silent")
    defer { try? FileManager.default.removeItem(at: folder) }
    let port = try Broker.freePort()
    let file = folder.appending(path: "andon.yaml")
    let token = folder.appending(path: "token")
    try "let-me-write-please-0123456789".write(to: token, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: token.path)
    try """
    bridge: {id: b1, data_dir: \(folder.path)/data}
    broker: {url: 'mqtt://127.0.0.1:\(peer.port)'}
    http: {listen: '127.0.0.1:\(port)', token_file: \(token.path)}
    sites: [{id: plant-a, timezone: UTC}]
    """.write(to: file, atomically: true, encoding: .utf8)
    let process = try AndonProcess(["run", "--config", file.path], folder: folder)
    try waitUntil("the listener", seconds: 60) {
      (try? RawHTTP.get(port: port, path: "/healthz").contains("200")) == true
    }
    let start = ContinuousClock.now
    let answer = try post(TestSite.event(WallClock.system.nowMs), port: port)
    #expect(answer.contains(" 200 ") && answer.contains("stored"), "\(answer)")
    #expect(ContinuousClock.now - start < .seconds(5))
    try waitUntil("the word", seconds: 60) {
      try RawHTTP.get(port: port, path: "/status").contains("no answer from 127.0.0.1:\(peer.port) for 10 s")
    }
    let stop = ContinuousClock.now
    process.signal(SIGTERM)
    #expect(process.wait(seconds: 60) == 0, "\(process.output)")
    #expect(ContinuousClock.now - stop < .seconds(8))
    #expect(process.output.contains("no answer from 127.0.0.1:\(peer.port) for 10 s"), "\(process.output)")
  }

  private func post(_ event: String, port: Int32) throws -> String {
    let connection = try RawHTTP(port: port)
    connection.send(
      "POST /api/v1/sites/plant-a/cameras/cam-01/events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        + "Authorization: Bearer let-me-write-please-0123456789\r\nContent-Type: application/json\r\nContent-Length: \(event.utf8.count)\r\n\r\n\(event)"
    )
    return connection.receive(seconds: 20)
  }
}
