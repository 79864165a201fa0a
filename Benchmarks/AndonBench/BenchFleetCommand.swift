import AndonCentral
import ArgumentParser
import Foundation
import Postgres

/// `andon-bench fleet`
struct BenchFleetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fleet", abstract: "How long a fleet needs to place its sites; without lanes and brokers.",
    discussion: """
      Each bridge is a thread with a FleetMembership and a connection of its own to a central database that is \
      otherwise empty. One bridge ends without a word, then a new one comes. The user must own the schema.
      """)

  @Option(name: .long, help: "The central database, as its owner.") var url: String
  @Option(name: .long, help: "Sites.") var sites = 1000
  @Option(name: .long, help: "Bridges.") var bridges = 20
  @Flag(name: .long, help: "Exit status 1 when a bar of docs/performance.md is missed.") var bars = false

  func validate() throws {
    guard (1...100_000).contains(sites), (2...200).contains(bridges) else {
      throw ValidationError("give 1 to 100000 sites and 2 to 200 bridges")
    }
  }

  /// The weights of all living bridges, and the sites without one.
  private struct Spread {
    var free: Int64
    var least: Int64
    var most: Int64
    var isEven: Bool { free == 0 && most - least <= 1 }
  }

  func run() throws {
    let server = try PostgresSettings(url: url, applicationName: "andon-bench")
    let watch = try PostgresConnection(server)
    try watch.execute(
      "INSERT INTO andon.site (site_id, config) SELECT format('site-%s', g), 'sites:' FROM generate_series(1, $1) g",
      [.init(Int64(sites))])
    try watch.execute("INSERT INTO andon.head (site_id) SELECT site_id FROM andon.site")
    let start = ContinuousClock.now
    var running = (0..<bridges).map { BenchFleetBridge("bridge-\($0)", server) }
    for bridge in running { bridge.start() }
    let placed = try seconds(start) { try spread(watch).free == 0 }
    let even = try seconds(start) { try spread(watch).isEven }
    print("\(sites) sites on \(bridges) bridges: placed after \(text(placed)) s, even after \(text(even)) s")
    let before = running.reduce(0) { $0 + $1.statements }
    Thread.sleep(forTimeInterval: 10)
    let each = Double(running.reduce(0) { $0 + $1.statements } - before) / 10 / Double(bridges)
    print("idle: \(text(each)) statements a second and bridge")
    let victim = running.removeFirst()
    victim.stop()
    let held = try watch.execute(
      "SELECT count(*) AS n FROM andon.fleet_now WHERE bridge_id = $1", [.init(victim.name)]
    ).required(0, "n", as: Int64.self)
    let killed = ContinuousClock.now
    let owned = try seconds(killed) {
      try watch.execute("SELECT 1 FROM andon.fleet_now WHERE bridge_id = $1", [.init(victim.name)]).rowCount
        == 0
        && spread(watch).free == 0
    }
    let settled = try seconds(killed) { try spread(watch).isEven }
    print("one ends: its \(held) sites have owners after \(text(owned)) s, even after \(text(settled)) s")
    let taken = try epochs(watch)
    let joined = ContinuousClock.now
    running.append(BenchFleetBridge("bridge-new", server))
    running.last?.start()
    let again = try seconds(joined) {
      try watch.execute("SELECT 1 FROM andon.bridge WHERE bridge_id = 'bridge-new'").rowCount == 1
        && spread(watch).isEven
    }
    // Free and taken: an epoch each.
    print("one comes: even after \(text(again)) s, \((try epochs(watch) - taken) / 2) sites moved")
    for bridge in running { bridge.stop() }
    if bars, placed > 10 || again > 15 || each > 3 { throw ExitCode(1) }
  }

  private func text(_ value: Double) -> String { String(format: "%.1f", value) }

  private func epochs(_ connection: PostgresConnection) throws -> Int64 {
    try connection.execute("SELECT sum(epoch)::bigint AS n FROM andon.head").required(0, "n")
  }

  private func spread(_ connection: PostgresConnection) throws -> Spread {
    let result = try connection.execute(
      """
      SELECT (SELECT count(*) FROM andon.fleet_now WHERE state <> 'held') AS free, coalesce(min(sites), 0) AS least,
        coalesce(max(sites), 0) AS most
      FROM andon.bridge_now WHERE state <> 'dead'
      """)
    return Spread(
      free: try result.required(0, "free"), least: try result.required(0, "least"),
      most: try result.required(0, "most"))
  }

  /// How long it took until the condition held; two minutes at most.
  private func seconds(_ start: ContinuousClock.Instant, until condition: () throws -> Bool) throws -> Double
  {
    while try !condition() {
      guard ContinuousClock.now - start < .seconds(120) else { return .infinity }
      Thread.sleep(forTimeInterval: 0.1)
    }
    let (seconds, attoseconds) = (ContinuousClock.now - start).components
    return Double(seconds) + Double(attoseconds) / 1e18
  }
}
