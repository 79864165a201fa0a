import Foundation
import Mosquitto
import TestSupport
import Testing

@testable import AndonHTTP
@testable import AndonIngest

/// Rows 60 and 88–93 of docs/reliability.md: hostile and careless HTTP clients at the real program.
@Suite(.ownThread) struct HTTPLimitFaultTests {
  /// Runs a program with its own broker until the body returns.
  private func withProgram(
    _ lines: String, _ body: (Int32, AndonProcess) throws -> Void
  ) throws {
    let broker = try Broker()
    let folder = try TemporaryFolder.make("http-limit")
    defer { try? FileManager.default.removeItem(at: folder) }
    let port = try Broker.freePort()
    let file = folder.appending(path: "andon.yaml")
    try "secret".write(to: folder.appending(path: "token"), atomically: true, encoding: .utf8)
    try """
    bridge: {id: b1, data_dir: \(folder.path)/data}
    broker: {url: 'mqtt://127.0.0.1:\(broker.port)'}
    http: {listen: '127.0.0.1:\(port)', token_file: \(folder.path)/token\(lines)}
    sites: [{id: plant-a, timezone: UTC}]
    """.write(to: file, atomically: true, encoding: .utf8)
    let process = try AndonProcess(["run", "--config", file.path], folder: folder)
    try waitUntil("the bridge", seconds: 60) {
      (try? RawHTTP.get(port: port, path: "/readyz").contains("200 OK")) == true
    }
    try body(port, process)
    process.signal(SIGTERM)
    #expect(process.wait(seconds: 15) == 0, "\(process.output.suffix(2000))")
  }

  private func status(_ answer: String) -> String {
    answer.split(separator: " ").dropFirst().first.map(String.init) ?? "none"
  }

  @Test func fault60_aHeaderThatDoesNotArriveInTimeEndsTheConnection() throws {
    try withProgram(", request_timeout: 1s, idle_timeout: 1h") { port, _ in
      let slow = try RawHTTP(port: port)
      slow.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
      // One byte at a time, like a slow loris: the header never ends.
      let start = ContinuousClock.now
      try waitUntil("the connection to be closed", seconds: 15) {
        _ = slow.receive(seconds: 0.1)
        return !slow.send("x") || slow.isClosed
      }
      #expect(ContinuousClock.now - start > .milliseconds(500))
      // The second request of a connection has the same limit, and silence between requests is not a request.
      let second = try RawHTTP(port: port)
      second.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
      #expect(second.receive(seconds: 1.5).contains("200 OK") && !second.isClosed)
      second.send("GET /he")
      try waitUntil("the connection to be closed", seconds: 15) {
        _ = second.receive(seconds: 0.1)
        return second.isClosed
      }
    }
  }

  @Test func fault88_aForeignHostIsNotAnsweredOnLoopback() throws {
    try withProgram(", hosts: [andon.plant.example]") { port, process in
      for (host, expected) in [
        ("localhost", "200"), ("LOCALHOST:\(port)", "200"), ("127.0.0.1:\(port)", "200"),
        ("[::1]:\(port)", "200"),
        ("andon.plant.example", "200"), ("Andon.Plant.Example.:443", "200"), ("evil.example", "421"),
        ("127.0.0.1.evil.example:\(port)", "421"), ("localhost.evil.example", "421"), ("[::2]", "421"),
        ("", "421"), ("10.0.0.1", "421"),
      ] {
        for path in ["/status", "/", "/healthz"] {
          let connection = try RawHTTP(port: port)
          connection.send("GET \(path) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n")
          let answer = connection.receive()
          #expect(status(answer) == expected, "\(host)\(path): \(answer.prefix(300))")
          #expect(expected == "200" || answer.contains("http.hosts"), "it says what to do")
        }
      }
      try waitUntil("the log") { process.output.contains("HTTP refuses a client") }
      let metrics = try RawHTTP.get(port: port, path: "/metrics")
      #expect(metrics.contains(#"andon_http_refused_total{reason="host"}"#))
    }
  }

  @Test func fault89_oneClientThatHoldsAllConnectionsLeavesTheProbesAnswered() throws {
    let limits = ", max_connections: 200, max_connections_per_client: 50, rate_limit: 20"
    try withProgram(limits) { port, process in
      let before = try ProcessMemory.residentBytes(of: process.processIdentifier)
      var held: [RawHTTP] = []
      for number in 0..<1000 {
        guard let connection = try? RawHTTP(port: port) else { break }
        connection.send(number % 2 == 0 ? "GET /status HT" : "")
        held.append(connection)
      }
      #expect(held.count == 1000, "further ones are taken in, for the probes")
      for path in ["/healthz", "/readyz"] {
        for _ in 0..<100 { #expect(status(try RawHTTP.get(port: port, path: path)) == "200") }
      }
      let refused = try RawHTTP.get(port: port, path: "/status")
      #expect(status(refused) == "429" && refused.contains("http.max_connections_per_client"))
      #expect(try ProcessMemory.residentBytes(of: process.processIdentifier) - before < 64 << 20)
      held.removeAll()
      try waitUntil("the others' turn") {
        status(try RawHTTP.get(port: port, path: "/api/v1/sites")) == "200"
      }
      #expect(
        try RawHTTP.get(port: port, path: "/metrics").contains(
          #"andon_http_refused_total{reason="client_connections"}"#))
      #expect(process.output.ranges(of: #""client_connections""#).count == 1, "not a line a connection")
    }
  }

  @Test func fault90_wrongTokensAreCountedAndLoggedOnceAMinute() throws {
    try withProgram(", rate_limit: 0") { port, process in
      for number in 0..<50 {
        let answer = try RawHTTP.post(
          port: port, path: "/api/v1/sites/plant-a/alerts/x/ack",
          headers: "Authorization: Bearer guess-\(number)\r\n")
        #expect(status(answer) == "401" && answer.contains("wrong_token"))
      }
      // A request without a token is not a failed attempt.
      #expect(try RawHTTP.post(port: port, path: "/api/v1/log-level?level=info").contains("token_needed"))
      let metrics = try RawHTTP.get(port: port, path: "/metrics")
      #expect(metrics.contains(#"andon_http_refused_total{reason="wrong_token"} 50"#))
      #expect(process.output.ranges(of: #""reason":"wrong_token""#).count == 1)
      #expect(process.output.contains(#""client":"127.0.0.1""#) && !process.output.contains("guess-"))
    }
  }

  @Test func fault91_oldAndIncompleteRequestsAreAnsweredAsTheStandardSays() throws {
    try withProgram("") { port, _ in
      func ask(_ request: String) throws -> String {
        let connection = try RawHTTP(port: port)
        connection.send(request)
        return connection.receive(seconds: 5) + (connection.isClosed ? "<closed>" : "<open>")
      }
      let old = try ask("GET /healthz HTTP/1.0\r\n\r\n")
      #expect(old.hasPrefix("HTTP/1.0 200") && old.hasSuffix("ok\n<closed>"))
      let stream = try RawHTTP(port: port)
      stream.send("GET /api/v1/stream HTTP/1.0\r\n\r\n")
      let head = stream.receive(seconds: 0.5)
      #expect(head.hasPrefix("HTTP/1.0 200") && !head.lowercased().contains("chunked"))
      let nameless = try ask("GET /healthz HTTP/1.1\r\n\r\n")
      #expect(status(nameless) == "400" && nameless.contains("Host") && nameless.hasSuffix("<closed>"))
      let twice = try ask("GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n")
      #expect(status(twice) == "400")
      #expect(status(try ask("GET / HTTP/2.0\r\nHost: localhost\r\n\r\n")) != "200")
      let packed = try RawHTTP.post(
        port: port, path: "/api/v1/sites/plant-a/cameras/c/events", body: "xx",
        headers: "Authorization: Bearer secret\r\nContent-Encoding: gzip\r\n")
      #expect(status(packed) == "415" && packed.contains("must be sent as it is"))
    }
  }

  @Test func fault92_aCommandsParametersMayComeAsJSONAndTrueIsNotOne() throws {
    try withProgram("") { port, _ in
      func post(_ path: String, _ body: String) throws -> String {
        try RawHTTP.post(
          port: port, path: "/api/v1/sites/plant-a" + path, body: body,
          headers: "Authorization: Bearer secret\r\nContent-Type: application/json\r\n")
      }
      let shelve = "/alerts/plant-a%2Fdrift%2Fcam-01/shelve"
      let body = #"{"duration_s":600,"reason":"lens cleaned","by":"rossi"}"#
      // The command was understood: only the alert does not exist.
      #expect(try post(shelve, body).contains("unknown_alert"))
      for (body, words) in [
        (#"{"duration_s":"600"}"#, "duration_s must be a whole number"), (#"{"duration_s":1}"#, "60…28800"),
        ("{}", "duration_s is required"), (#"{"duration_s":600,"resaon":"x"}"#, "did you mean"),
        (#"{"duration_s":600,"by":7}"#, "by must be text"), ("[1]", "must be empty or a JSON object"),
        ("nonsense", "must be empty or a JSON object"), (#"{"duration_s":{"a":1}}"#, "JSON object"),
      ] {
        let answer = try post(shelve, body)
        #expect(status(answer) == "400" && answer.contains(words), "\(body): \(answer.suffix(300))")
      }
      #expect(try post(shelve + "?duration_s=600", body).contains("is given twice"))
      for body in [#"{"all":1}"#, #"{"all":"true"}"#, #"{"all":false}"#, "{}", ""] {
        #expect(status(try post("/quarantine/purge", body)) == "400", "\(body)")
      }
      #expect(try post("/quarantine/purge", #"{"all":true}"#).contains(#""taken":0"#))
    }
  }

  @Test(arguments: [("1", false), ("\"true\"", false), ("1.0", false), ("null", false), ("true", true)])
  func fault92_allIsTrueOrNothingOverMQTT(_ value: String, _ isAll: Bool) {
    let request = CommandRequest(
      group: "quarantine", name: "purge", payload: Array(#"{"all":\#(value)}"#.utf8), reply: nil)
    switch request.body {
    case .success(let body): #expect(body.isForAll == isAll, "\(value)")
    case .failure(let refusal): #expect(!isAll && refusal.detail == "all must be true or false")
    }
  }

  @Test func fault93_aStreamReaderHoldsABoundedNumberOfBytes() throws {
    let hub = EventBroadcaster(startedAtMs: 0, root: "andon/v1", clientLimit: 4)
    let filter = StreamFilter(siteID: nil, kinds: [.alert], scopes: [], windows: [])
    let client = try #require(hub.subscribe(filter, lastEventID: nil))
    let large = Publication(
      topic: "andon/v1/a/alert/drift/x", payload: .init(repeating: 0x78, count: 100_000))
    // Few but large chunks: the client is disconnected long before the queue reaches its count limit.
    var flushes = 0
    while !client.isTooSlow, flushes < StreamClient.queueLimit {
      for _ in 0..<5 { hub.offer(large) }
      hub.flush(isBeat: false)
      flushes += 1
      #expect(client.waitingBytes <= StreamClient.byteLimit)
    }
    #expect(client.isTooSlow && flushes < 10 && hub.slowClients == 1)
    // A reconnect does not raise the limit.
    for _ in 0..<100 { hub.offer(large) }
    hub.flush(isBeat: false)
    let again = try #require(hub.subscribe(filter, lastEventID: "0-1"))
    defer { hub.close() }
    #expect(again.waitingBytes <= StreamClient.byteLimit + 200)
  }

  @Test(.timeLimit(.minutes(1)))
  func aYearOfWindowsIsRefusedBeforeItIsComputed() throws {
    try withProgram("") { port, _ in
      let path = "/api/v1/sites/plant-a/kpi/series?from=2026-01-01T00:00:00Z&to=2026-12-31T00:00:00Z&window="
      for window in ["hour", "day"] {
        let answer = try RawHTTP.get(port: port, path: path + window)
        #expect(status(answer) == "400" && answer.contains("at most 200 windows"))
      }
    }
  }
}
