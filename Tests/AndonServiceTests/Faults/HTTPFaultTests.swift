import Foundation
import Mosquitto
import TestSupport
import Testing

@testable import AndonStore

/// Row 39 of docs/reliability.md: under any misuse of the HTTP listener, ingest continues and the next reader
/// is served.
@Suite(.ownThread) struct HTTPFaultTests {
  @Test func fault39_slowGarbledAndHugeRequestsAreRefusedAndIngestGoesOn() throws {
    let broker = try Broker()
    let folder = try TemporaryFolder.make("http")
    defer { try? FileManager.default.removeItem(at: folder) }
    let port = try Broker.freePort()
    let file = folder.appending(path: "andon.yaml")
    try """
    bridge: {id: b1, data_dir: \(folder.path)/data}
    broker: {url: 'mqtt://127.0.0.1:\(broker.port)'}
    http: {listen: '127.0.0.1:\(port)'}
    sites: [{id: plant-a, timezone: UTC}]
    """.write(to: file, atomically: true, encoding: .utf8)
    let process = try AndonProcess(["run", "--config", file.path], folder: folder)
    try waitUntil("the bridge", seconds: 60) {
      (try? RawHTTP.get(port: port, path: "/readyz").contains("200")) == true
    }
    let before = try ProcessMemory.residentBytes(of: process.processIdentifier)

    // Slow loris: many connections that never finish their first line.
    let lorises = (0..<100).compactMap { _ in try? RawHTTP(port: port) }
    for loris in lorises { loris.send("GET /status HT") }
    // Headers without an end, and a very large header.
    let endless = try RawHTTP(port: port)
    endless.send("GET /status HTTP/1.1\r\n")
    for index in 0..<20_000 where !endless.send("X-\(index): \(String(repeating: "x", count: 100))\r\n") {
      break
    }
    // A body announced as 100 GB, for an endpoint that takes none.
    let body = try RawHTTP(port: port)
    body.send("POST /status HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n")
    body.send(String(repeating: "y", count: 100_000))

    for (request, allowed) in [
      ("GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", ["400", "404"]),
      (
        "GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        ["400", "404"]
      ),
      (
        "GET /api/v1/sites/<script>alert(1)</script> HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        ["400", "404"]
      ),
      ("DELETE /status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", ["404", "405", "401"]),
      ("\u{0}\u{1}\u{2}\r\n\r\n", ["400", ""]), ("GET / HTTP/9.9\r\n\r\n", ["400", "505", "404", "200", ""]),
    ] {
      let connection = try RawHTTP(port: port)
      connection.send(request)
      let answer = connection.receive()
      let status = answer.split(separator: " ").dropFirst().first.map(String.init) ?? ""
      #expect(allowed.contains(status), "\(request) got \(answer.prefix(200))")
      #expect(!answer.contains("root:") && !answer.contains("<script>"))
    }

    // During all of this, ingest continues and the next reader is served.
    try SyncClient(broker).publish(TestBridge.events(0..<500))
    try waitUntil("the events") {
      try SiteStore.openForReading(path: folder.path + "/data/sites/plant-a.sqlite", siteID: "plant-a")
        .eventCount()
        == 500
    }
    #expect(try RawHTTP.get(port: port, path: "/status").contains(#""stored":500"#))
    #expect(process.exitCode == nil)
    #expect(try ProcessMemory.residentBytes(of: process.processIdentifier) - before < 64 << 20)
    withExtendedLifetime((lorises, endless, body)) {}
    process.signal(SIGTERM)
    #expect(process.wait(seconds: 30) == 0, "and it stops with all of them connected")
  }
}
