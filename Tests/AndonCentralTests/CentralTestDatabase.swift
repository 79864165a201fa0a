import AndonCentral
import AndonCore
import Foundation
import Postgres
import TestSupport

/// A database with the schema on the shared server, and sessions of each role.
struct CentralTestDatabase {
  /// 2026-11-30 00:00 UTC.
  static let dayMs: Int64 = 1_795_996_800_000

  let server: PostgresServer
  let name: String
  /// Of the sessions that do not say another.
  private let incarnation = UUID().uuidString

  /// Roles belong to the whole server: their passwords are set once.
  private static let roles = Result {
    let server = try PostgresServer.shared.get()
    let name = try server.makeDatabase()
    _ = try CentralAdministration(try PostgresSettings(url: server.url(name))).initialize(layout: .native)
    for role in ["andon_owner", "andon_bridge", "andon_reader"] {
      try server.run("ALTER ROLE \(role) PASSWORD '\(role)'")
    }
  }

  /// - Parameter isInitialized: false: an empty database.
  init(isInitialized: Bool = true) throws {
    try Self.roles.get()
    server = try PostgresServer.shared.get()
    name = try server.makeDatabase()
    if isInitialized { _ = try administration().initialize(layout: .native) }
  }

  func settings(_ role: String) throws -> PostgresSettings {
    try PostgresSettings(
      url: server.url(name, user: role), password: role == "postgres" ? nil : PostgresPassword(role))
  }

  func administration(_ role: String = "postgres") throws -> CentralAdministration {
    try CentralAdministration(try settings(role))
  }

  func session(_ role: String = "andon_bridge", incarnation: String? = nil) throws -> CentralSession {
    try CentralSession(try settings(role), incarnation: incarnation ?? self.incarnation)
  }

  func connection(_ role: String = "postgres") throws -> PostgresConnection {
    try PostgresConnection(try settings(role))
  }

  /// The first column of the first row as text.
  func text(_ sql: String) throws -> String { try server.run(sql, in: name) }

  func event(_ atMs: Int64, _ id: String, worker: String = "w1") -> ShippedEvent {
    ShippedEvent(
      event: Event(
        timestampMs: atMs, workerID: worker, workstationID: "a1", kind: .working, confidencePpm: 900_000,
        count: 0, eventID: id, modelVersion: "yolo"), cameraID: "cam-01", isAccepted: true,
      receivedAtMs: atMs + 100)
  }

  /// Takes the site and returns its epoch.
  func take(_ session: CentralSession, _ sites: [String], bridge: String = "bridge-01", keepMs: Int64? = nil)
    throws
    -> Int64
  {
    let positions = try session.take(
      sites: sites, bridge: bridge, retentionMs: keepMs)
    return positions.first?.epoch ?? 0
  }

  /// A shipment of one site.
  func shipment(
    _ site: String, epoch: Int64, _ seqs: ClosedRange<Int64>, tip: Int64? = nil, counters: [Int64] = [],
    _ fill: (inout Shipment, Int) -> Void = { _, _ in }
  ) -> Shipment {
    var shipment = Shipment()
    let index = shipment.add(
      Shipment.Site(
        id: site, epoch: epoch, firstSeq: seqs.lowerBound, lastSeq: seqs.upperBound,
        tip: tip ?? seqs.upperBound * 7,
        newestEventMs: Self.dayMs, counters: counters))
    fill(&shipment, index)
    return shipment
  }
}
