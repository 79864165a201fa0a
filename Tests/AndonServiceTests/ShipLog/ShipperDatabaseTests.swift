import Foundation
import Postgres
import TestSupport
import Testing

@testable import AndonCentral
@testable import AndonCore
@testable import AndonRuntime
@testable import AndonStore

/// A site's log in a real PostgreSQL: what it has at the end is what the file has, also when answers are lost.
@Suite(.ownThread) struct ShipperDatabaseTests {
  /// A connection that loses answers before and after the statement, by a seed.
  private final class UnreliableLink: CentralLink {
    private let session: CentralSession
    private let trouble: ModelCentral

    init(_ session: CentralSession, _ trouble: ModelCentral) {
      (self.session, self.trouble) = (session, trouble)
    }

    var isOpen: Bool { session.isOpen }

    func close() { session.close() }

    private func call<Result>(_ body: () throws(CentralError) -> Result) throws(CentralError) -> Result {
      let kind = trouble.trouble()
      if kind == .before {
        session.close()
        throw ModelCentral.error(.connection, isUnknown: true)
      }
      let result = try body()
      guard kind == .none else {
        session.close()
        throw ModelCentral.error(.connection, isUnknown: true)
      }
      return result
    }

    func about() throws(CentralError) -> CentralAbout { try session.about() }

    func take(
      sites: [String], bridge: String, retentionMs: Int64?
    ) throws(CentralError) -> [CentralPosition] {
      try call { () throws(CentralError) in
        try session.take(sites: sites, bridge: bridge, retentionMs: retentionMs)
      }
    }

    func resume(site: String, epoch: Int64) throws(CentralError) -> CentralPosition? {
      try call { () throws(CentralError) in try session.resume(site: site, epoch: epoch) }
    }

    func ship(_ parts: [SiteShipment]) throws(CentralError) -> [ShipmentOutcome] {
      try call { () throws(CentralError) in try (session as any CentralLink).ship(parts) }
    }

    func maintain(oldestMs: Int64?) throws(CentralError) -> [CentralAction] {
      try session.maintain(oldestMs: oldestMs)
    }

    func requests() throws(CentralError) -> [CentralRequest] { try session.requests() }

    func answered(_ request: CentralRequest) throws(CentralError) { try session.answered(request) }
  }

  private static func database() throws -> (server: PostgresServer, name: String, settings: PostgresSettings)
  {
    let server = try PostgresServer.shared.get()
    let name = try server.makeDatabase()
    let settings = try PostgresSettings(url: server.url(name))
    _ = try CentralAdministration(settings).initialize(layout: .native)
    return (server, name, settings)
  }

  @Test func aRealDatabaseHasWhatTheFileHas() throws {
    for seed in Seed.many(1..<4) {
      let (server, name, settings) = try Self.database()
      let history = try ShipHistory(seed: seed)
      let trouble = ModelCentral(seed: seed)
      trouble.troublePercent = 30
      var nowMs = TestSite.nowMs
      func shipper() -> Shipper {
        let incarnation = UUID().uuidString
        return Shipper(
          bridge: "bridge-01", retentionMs: nil, place: settings.place,
          clock: WallClock { [nowMs] in nowMs }, random: SplitMix64(seed: 1),
          source: { [(history.site, history.store)] }
        ) { () throws(CentralError) in
          UnreliableLink(try CentralSession(settings, incarnation: incarnation), trouble)
        }
      }
      for _ in 0..<40 {
        try history.live()
        nowMs += 61_000
        let shipper = shipper()
        for _ in 0..<3 { _ = shipper.round() }
        shipper.close()
      }
      try history.settle()
      trouble.troublePercent = 0
      nowMs += 61_000
      let last = shipper()
      var rounds = 0
      while last.round() != .idle {
        rounds += 1
        try #require(rounds < 5000, "SEED=\(seed) does not end")
      }
      // Erasures are carried out by maintenance.
      let session = try CentralSession(settings, incarnation: UUID().uuidString)
      while try session.maintain().contains(where: { $0.name.hasPrefix("eras") }) {}
      try Self.compare(history, seed) { try server.run($0, in: name) }
    }
  }

  private static func compare(_ history: ShipHistory, _ seed: UInt64, _ sql: (String) throws -> String) throws
  {
    func lines(_ query: String) throws -> Set<String> {
      Set(try sql(query).split(separator: "\n").map(String.init))
    }
    var events: Set<String> = []
    var rows: [String: Set<String>] = [:]
    for row in try ShipTables.rows(history.store) {
      switch row {
      case .event(let row):
        let event = row.event
        events.insert(
          [
            "\(event.timestampMs)", event.workerID, "\(event.kind.rawValue)", event.workstationID,
            event.eventID,
            row.cameraID, event.modelVersion, event.confidencePpm.map { "\($0)" } ?? "", "\(event.count)",
            row.isAccepted ? "t" : "f", "\(row.receivedAtMs)",
          ].joined(separator: "|"))
      case .gap(let row):
        rows["gap", default: []].insert("\(row.number)|\(row.cause)|\(row.fromMs)|\(row.toMs)|\(row.detail)")
      case .stop(let row):
        rows["stop", default: []].insert(
          "\(row.workstationID)|\(row.startMs)|\(row.revision)|\(row.isRetracted ? "t" : "f")")
      case .reason(let row):
        rows["stop_reason", default: []].insert("\(row.startMs)|\(row.reasonID)|\(row.comment)")
      case .target(let row): rows["target", default: []].insert("\(row.atMs)|\(row.subject)")
      case .calendar(let row): rows["calendar_change", default: []].insert("\(row.atMs)|\(row.reason)")
      case .report(let row): rows["report", default: []].insert("\(row.startMs)|\(row.revision)")
      case .camera(let row): rows["camera", default: []].insert("\(row.cameraID)|\(row.events)|\(row.status)")
      case .counters(let row):
        rows["head", default: []].insert(
          CentralSchema.counters.map { name in
            "\(OutcomeCounters.names.firstIndex { $0.name == name }.flatMap { row.values[$0] } ?? 0)"
          }.joined(separator: "|"))
      case .alarm(let row):
        rows["alert", default: []].insert(
          "\(row.number)|\(row.alertID)|\(row.revision)|\(row.event)|\(row.count)")
      case .final, .erasure, .patch: break
      }
    }
    let there = try lines(
      """
      SELECT timestamp_ms, worker_id, kind, workstation_id, event_id, camera_id, model_version, confidence_ppm, count,
        accepted, received_at_ms FROM andon.event
      """)
    #expect(events.subtracting(there).sorted().prefix(3) == [], "SEED=\(seed): not in the database")
    #expect(there.subtracting(events).sorted().prefix(3) == [], "SEED=\(seed): not in the file")
    for (table, columns) in [
      ("alert", "number, alert_id, rev, event, count"), ("gap", "number, cause, from_ms, to_ms, detail"),
      ("stop", "workstation_id, start_ms, rev, retracted"),
      ("stop_reason", "start_ms, reason, comment"), ("target", "at_ms, subject"),
      ("calendar_change", "at_ms, reason"),
      ("report", "start_ms, rev"), ("camera", "camera_id, events, status"),
      ("head", CentralSchema.counters.joined(separator: ", ")),
    ] {
      let there = try lines("SELECT \(columns) FROM andon.\(table)")
      #expect(there == rows[table] ?? [], "SEED=\(seed): \(table)")
    }
    #expect(!there.isEmpty && rows.count > 3)
  }
}
