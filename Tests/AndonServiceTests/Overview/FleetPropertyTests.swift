import AndonRuntime
import TestSupport
import Testing

@testable import AndonCore
@testable import AndonOverview

/// Random lives of a fleet, held against one that sees only the last message of each topic.
@Suite(.seeded) struct FleetPropertyTests {
  private typealias Message = (topic: String, text: String)

  /// A random message of a small plant, so that topics repeat.
  private static func message(_ random: inout SplitMix64) -> Message {
    let site = "plant-\(Int.random(in: 0..<6, using: &random))"
    let isCleared = random.chance(0.1)
    let message: Message
    switch Int.random(in: 0..<7, using: &random) {
    case 0, 1:
      message = FleetSample.kpi(
        site, window: ["hour", "shift", "day"].randomElement(using: &random)!,
        quality: [0, 64, 192, 500].randomElement(using: &random)!,
        units: Int.random(in: 0..<99, using: &random),
        target: random.chance(0.5) ? 50 : nil)
    case 2, 3:
      message = FleetSample.alert(
        site, "cam-\(Int.random(in: 0..<4, using: &random))",
        state: ["normal", "pending", "unack_active", "acked_active", "rtn_unack", "shelved"]
          .randomElement(using: &random)!, severity: Int.random(in: 1...1000, using: &random))
    case 4:
      message = FleetSample.summary(
        site, active: Int.random(in: 0..<4, using: &random), unacked: Int.random(in: 0..<4, using: &random))
    case 5: message = FleetSample.name(site, "N\(Int.random(in: 0..<9, using: &random))")
    default:
      let sites = (0..<6).filter { _ in random.chance(0.4) }.map { "plant-\($0)" }
      let bridge = "b\(Int.random(in: 0..<2, using: &random))"
      return random.chance(0.5)
        ? FleetSample.heartbeat(bridge, isCleared ? [] : sites)
        : FleetSample.availability(bridge, random.chance(0.5) ? "online" : "offline")
    }
    return isCleared ? (message.topic, "") : message
  }

  /// The last message of each topic, as a broker keeps them.
  private static func kept(_ messages: [Message]) -> [String: String] {
    messages.reduce(into: [:]) { kept, message in
      kept[message.topic] = message.text.isEmpty ? nil : message.text
    }
  }

  private static func tiles(_ fleet: inout Fleet) -> [FleetKey: SiteTile] {
    _ = fleet.update(nowMs: FleetSample.nowMs)
    return fleet.sites.compactMapValues(\.tile)
  }

  private static func alerts(_ fleet: Fleet) -> [AlertView] {
    fleet.openAlerts(limit: 1000) { _, _ in true }.views
  }

  /// A fleet that gets what a broker keeps, in a random order, with the first connection.
  private static func recomputed(_ messages: [Message], _ random: inout SplitMix64) -> Fleet {
    var fleet = FleetSample.fleet()
    for (topic, text) in kept(messages).shuffled(using: &random) { fleet.apply((topic, text)) }
    fleet.settle()
    return fleet
  }

  /// Another order in which each topic keeps its own.
  private static func interleaved(_ messages: [Message], _ random: inout SplitMix64) -> [Message] {
    var queues = Dictionary(grouping: messages, by: \.topic).mapValues { Array($0.reversed()) }
    return messages.map(\.topic).shuffled(using: &random).compactMap { queues[$0]?.popLast() }
  }

  @Test(arguments: Seed.many(0..<150))
  func everyOrderOfTopicsGivesTheLastValues(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let messages = (0..<Int.random(in: 1...150, using: &random)).map { _ in Self.message(&random) }
    var expected = Self.recomputed(messages, &random)
    let tiles = Self.tiles(&expected)
    for _ in 0..<3 {
      var fleet = FleetSample.fleet()
      for message in Self.interleaved(messages, &random) {
        fleet.apply(message)
        if random.chance(0.1) { _ = fleet.update(nowMs: FleetSample.nowMs) }
      }
      fleet.settle()
      #expect(Self.tiles(&fleet) == tiles && Self.alerts(fleet) == Self.alerts(expected))
      #expect(fleet.bytes == expected.bytes && fleet.counters.total == Int64(messages.count))
    }
  }

  /// Connections that end anywhere: after the last one has brought what the broker keeps, nothing else is left.
  @Test(arguments: Seed.many(0..<150))
  func lostSessionsLeaveNothingBehind(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let messages = (0..<Int.random(in: 1...150, using: &random)).map { _ in Self.message(&random) }
    var fleet = FleetSample.fleet()
    var sent: [Message] = []
    var isAway = false
    for message in messages {
      sent.append(message)
      if !isAway { fleet.apply(message) }
      guard random.chance(0.05) else { continue }
      if isAway {
        fleet.connected(broker: 0, nowMs: FleetSample.nowMs)
        for (topic, text) in Self.kept(sent).shuffled(using: &random) {
          fleet.apply((topic, text), isRetained: true)
        }
        if random.chance(0.7) { fleet.complete(broker: 0) }
        if random.chance(0.5) { fleet.asked(broker: 0, sites: fleet.sitesToAsk(broker: 0)) }
      } else {
        fleet.disconnected(broker: 0, trouble: "x", nowMs: FleetSample.nowMs)
      }
      isAway.toggle()
    }
    fleet.connected(broker: 0, nowMs: FleetSample.nowMs)
    for (topic, text) in Self.kept(sent).shuffled(using: &random) {
      fleet.apply((topic, text), isRetained: true)
    }
    fleet.settle()
    var expected = Self.recomputed(messages, &random)
    #expect(Self.tiles(&fleet) == Self.tiles(&expected))
    #expect(Self.alerts(fleet) == Self.alerts(expected) && fleet.bytes == expected.bytes)
  }

  /// What clients are told, put together, is what the lists say.
  @Test(arguments: Seed.many(0..<100))
  func theStreamEqualsTheLists(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var fleet = FleetSample.fleet()
    var tiles: [FleetKey: [UInt8]] = [:]
    var open: Set<String> = []
    func note(_ change: FleetChange) {
      for site in change.sites { tiles[site.key] = site.json }
      for site in change.gone { tiles[site.key] = nil }
      for alert in change.alerts {
        let fields = JSONMember.all(of: alert.json.span) ?? []
        let name = "\(alert.key.site)/\(fields.first { $0.name == "topic" }?.text ?? "")"
        if fields.first(where: { $0.name == "open" })?.text == "true" {
          open.insert(name)
        } else {
          open.remove(name)
        }
      }
    }
    for _ in 0..<200 {
      fleet.apply(Self.message(&random))
      guard random.chance(0.2) else { continue }
      note(fleet.update(nowMs: FleetSample.nowMs, limit: random.chance(0.5) ? 2 : .max))
    }
    while true {
      let change = fleet.update(nowMs: FleetSample.nowMs)
      if change.isEmpty { break }
      note(change)
    }
    #expect(tiles == fleet.sites.mapValues(\.json))
    #expect(open == Set(Self.alerts(fleet).map { "\($0.alert.key.site)/\($0.alert.topic)" }))
  }

  /// Bytes that were changed anywhere end in one outcome, and never in a trap.
  @Test(arguments: Seed.many(0..<20))
  func fault263_damagedPayloads(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var fleet = FleetSample.fleet()
    for count in 1...500 {
      let (topic, text) = Self.message(&random)
      var bytes = Array(text.utf8)
      for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
        let index = bytes.indices.randomElement(using: &random)!
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: index)
        default: bytes.removeSubrange(index...)
        }
      }
      fleet.apply(
        broker: 0, topic: topic, payload: bytes.span, isRetained: random.chance(0.5), nowMs: FleetSample.nowMs
      )
      #expect(fleet.counters.total == Int64(count))
    }
    _ = fleet.update(nowMs: FleetSample.nowMs)
    for entry in fleet.sites.values { #expect(entry.tile != nil) }
  }
}
