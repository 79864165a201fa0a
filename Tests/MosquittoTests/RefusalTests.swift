import Foundation
import Mosquitto
import TestSupport
import Testing

/// Rows 10 and 40 of docs/reliability.md: what an operator reads when a connection fails, and must never
/// read.
@Suite(.ownThread) struct RefusalTests {
  private func failure(_ settings: ConnectionSettings) throws -> MosquittoError {
    let connection = try Connection(settings)
    let error = #expect(throws: MosquittoError.self) { try connection.connect() }
    return try #require(error)
  }

  @Test func `nobody listens`() throws {
    let port = try Broker.freePort()
    let error = try failure(ConnectionSettings(host: "127.0.0.1", port: port, clientID: "a"))
    #expect("\(error)" == "cannot connect to 127.0.0.1:\(port): Connection refused")
  }

  @Test func `no such host`() throws {
    let error = try failure(ConnectionSettings(host: "no-such-host.invalid", port: 1883, clientID: "a"))
    #expect("\(error)".hasPrefix("cannot connect to no-such-host.invalid:1883: Lookup error. ("), "\(error)")
  }

  @Test func `no such socket`() throws {
    let error = try failure(ConnectionSettings(host: "/nowhere/mqtt.sock", port: 0, clientID: "a"))
    #expect("\(error)" == "cannot connect to /nowhere/mqtt.sock: No such file or directory")
  }

  @Test(arguments: [-1, 65_536] as [Int32])
  func `no such port`(port: Int32) throws {
    let error = try failure(ConnectionSettings(host: "127.0.0.1", port: port, clientID: "a"))
    #expect(error.code == 3)
  }

  @Test(arguments: [nil, "wrong horse", "battery staple"] as [String?])
  func `a wrong password is refused, the right one is not`(password: String?) throws {
    let folder = try TemporaryFolder.make("passwords")
    let file = folder.appending(path: "passwords").path
    try Command.run("/usr/bin/mosquitto_passwd", ["-b", "-c", file, "bridge", "battery staple"])
    let broker = try Broker(.init(allowsAnonymous: false, lines: ["password_file \(file)"]))
    defer { try? FileManager.default.removeItem(at: folder) }
    var settings = broker.settings()
    settings.username = password == nil ? nil : "bridge"
    settings.password = password.map { Secret($0) }
    let driver = try Driver(settings)
    try driver.connection.connect()
    try driver.step { !$0.events.isEmpty }
    let isRight = password == "battery staple"
    #expect(driver.events.first == .connected(sessionPresent: false, reason: isRight ? 0 : 0x87))
    #expect(driver.connection.isConnected == isRight)
    #expect((driver.end == nil) == isRight)
    #expect(!"\(driver.events) \(settings)".contains("staple"))
  }

  @Test func `a password isShown itself to nobody`() {
    var settings = ConnectionSettings(host: "h", port: 1, clientID: "c")
    settings.password = Secret("hunter2")
    var dumped = ""
    dump(settings, to: &dumped)
    let shown = [
      "\(settings)", String(reflecting: settings), dumped, "\(Secret("hunter2"))",
      String(reflecting: Secret("hunter2")), "\([Secret("hunter2")])", "\(Secret("hunter2") as Any?)",
    ]
    for text in shown { #expect(!text.contains("hunter2")) }
    #expect("\(Secret("hunter2"))" == "<redacted>")
    #expect(Secret("hunter2") == Secret("hunter2"))
  }
}
