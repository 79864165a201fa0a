import Mosquitto
import TestSupport
import Testing

@testable import AndonOverview

/// Commands on their way to a bridge.
@Suite struct FleetCommandsTests {
  private static let key = FleetKey(broker: 0, site: "plant-a")

  private static func commands(patience: Duration = .seconds(600)) throws -> FleetCommands {
    FleetCommands(
      roots: ["andon/v1", "andon/v1"], wakeups: [try Wakeup(), try Wakeup()], patience: patience)
  }

  private static func ask(_ commands: FleetCommands) -> Task<CommandOutcome, Never> {
    Task { await commands.acknowledge(key, alertID: "plant-a/drift/cam-01", by: "mia", comment: nil) }
  }

  /// The commands that are to be sent, at least so many.
  private static func taken(_ commands: FleetCommands, count: Int = 1) async throws -> [Publication] {
    var taken: [Publication] = []
    try await eventually("commands") {
      taken += commands.take(broker: 0)
      return taken.count >= count
    }
    return taken
  }

  private static func id(_ command: Publication) throws -> String {
    let text = String(decoding: command.payload, as: UTF8.self)
    return String(try #require(text.firstMatch(of: /"req_id":"([^"]+)"/)).1)
  }

  @Test func fault265_onlyTheSiteItselfAnswers() async throws {
    let commands = try Self.commands()
    let asked = Self.ask(commands)
    let id = try Self.id(try await Self.taken(commands)[0])
    let answer = CommandAnswer(requestID: id, isOK: true, code: "ok")
    let refusal = CommandAnswer(requestID: id, isOK: false, code: "unknown_alert")
    commands.answered(refusal, of: FleetKey(broker: 0, site: "plant-b"))
    commands.answered(refusal, of: FleetKey(broker: 1, site: "plant-a"))
    commands.answered(answer, of: Self.key)
    #expect(await asked.value == .answered(answer))
  }

  @Test func fault265_theIdCannotBeGuessed() async throws {
    let commands = try Self.commands()
    let asked = (0..<50).map { _ in Self.ask(commands) }
    let ids = try (try await Self.taken(commands, count: 50)).map { try Self.id($0) }
    // The random part, without the four bits of its version.
    let heads = Set(ids.map { $0.dropFirst(3).prefix(8) })
    #expect(Set(ids).count == 50 && heads.count > 45 && ids.allSatisfy { $0.utf8.count <= 64 })
    for id in ids { commands.answered(CommandAnswer(requestID: id, isOK: true, code: "ok"), of: Self.key) }
    for task in asked { _ = await task.value }
  }

  @Test func fault266_aCommandThatWaitedTooLongIsNotSent() async throws {
    let commands = try Self.commands(patience: .milliseconds(20))
    #expect(await Self.ask(commands).value == .notSent)
    #expect(commands.take(broker: 0).isEmpty)
  }

  @Test func fault266_aCommandDoesNotOutliveTheConnection() async throws {
    let commands = try Self.commands()
    let sent = Self.ask(commands)
    let id = try Self.id(try await Self.taken(commands)[0])
    let waiting = Self.ask(commands)
    try await eventually("the command") { commands.waitingCount == 1 }
    commands.disconnected(broker: 1)
    #expect(commands.waitingCount == 1)
    commands.disconnected(broker: 0)
    #expect(await waiting.value == .notSent)
    #expect(commands.take(broker: 0).isEmpty)
    // One that was sent may still be answered.
    let answer = CommandAnswer(requestID: id, isOK: true, code: "ok")
    commands.answered(answer, of: Self.key)
    #expect(await sent.value == .answered(answer))
  }

  @Test func fault266_tooManyAtOnceAreRefused() async throws {
    let commands = try Self.commands()
    let asked = (0..<FleetCommands.limit).map { _ in Self.ask(commands) }
    try await eventually("all of them") { commands.waitingCount == FleetCommands.limit }
    #expect(await Self.ask(commands).value == .busy)
    let sent = commands.take(broker: 0)
    #expect(sent.count == FleetCommands.limit)
    for command in sent {
      commands.answered(CommandAnswer(requestID: try Self.id(command), isOK: true, code: "ok"), of: Self.key)
    }
    for task in asked { _ = await task.value }
  }
}
