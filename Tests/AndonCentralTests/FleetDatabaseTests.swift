import AndonRuntime
import Foundation
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import AndonCentral

/// The functions of the fleet on a real server.
@Suite(.ownThread, .timeLimit(.minutes(5)))
struct FleetDatabaseTests {
  private let database: CentralTestDatabase

  init() throws { database = try CentralTestDatabase() }

  private func session(_ bridge: String) throws -> FleetSession {
    try FleetSession(try database.settings("andon_bridge"), FleetSettings(bridge: bridge, version: "test"))
  }

  private func add(_ count: Int, seq: Int = 0) throws {
    try database.server.run(
      """
      INSERT INTO andon.site (site_id, config) SELECT format('s%s', lpad(g::text, 3, '0')), 'sites:' FROM generate_series(1, \(count)) g;
      INSERT INTO andon.head (site_id, seq, tip) SELECT site_id, \(seq), \(seq * 7) FROM andon.site
      """, in: database.name)
  }

  private func picture(_ answer: FleetAnswer) throws -> FleetPicture {
    guard case .member(let picture) = answer else { throw Wrong(answer: "\(answer)") }
    return picture
  }

  private struct Wrong: Error { let answer: String }

  private static func claim(_ weight: Double, restores: Int32 = 4) -> FleetClaim {
    var claim = FleetClaim()
    (claim.mostWeight, claim.mostRestores) = (weight, restores)
    return claim
  }

  private func uuid() -> String { UUID().uuidString.lowercased() }

  @Test func aLifeInTheFleet() throws {
    try add(5)
    let (a, b) = (try session("a"), try session("b"))
    let (inA, inB) = (uuid(), uuid())
    #expect(try a.beat(FleetBeat(), incarnation: inA) == .absent)
    #expect(try a.join(incarnation: inA))
    #expect(try a.join(incarnation: inA))
    #expect(try b.join(incarnation: inB))
    var beat = FleetBeat()
    (beat.hasBroker, beat.details) = (true, "\"note\":1")
    let first = try picture(try a.beat(beat, incarnation: inA))
    #expect(first.members.map(\.bridge) == ["a", "b"])
    #expect(first.members.map(\.hasBroker) == [true, false])
    #expect((first.free, first.freeWeight, first.sites.count) == (5, 5, 0))
    #expect(first.freeKeys == ["s001/0", "s002/0", "s003/0", "s004/0", "s005/0"])
    let grants = try a.claim(Self.claim(3), incarnation: inA)
    #expect(grants.map(\.siteID) == ["s001", "s002", "s003"])
    #expect(grants.allSatisfy { $0.epoch == 1 && $0.isCurrent && $0.config == "sites:" && $0.configRev == 1 })
    // Weights are taken of its own sites only.
    beat.weights = ["s001": 7, "s005": 9]
    let second = try picture(try a.beat(beat, incarnation: inA))
    #expect(second.sites.map(\.siteID) == ["s001", "s002", "s003"])
    #expect(second.members[0].weight == 9)
    #expect((second.free, second.freeWeight) == (2, 2))
    #expect(try a.holds(site: "s001", epoch: 1, incarnation: inA))
    #expect(try !a.holds(site: "s001", epoch: 2, incarnation: inA))
    #expect(try !b.holds(site: "s001", epoch: 1, incarnation: inB))
    #expect(try a.configs(of: ["s001", "s005"], incarnation: inA).map(\.siteID) == ["s001"])
    // With another epoch it is another holding.
    try a.release([("s001", 1), ("s002", 5)], incarnation: inA)
    #expect(try picture(try a.beat(beat, incarnation: inA)).sites.map(\.siteID) == ["s002", "s003"])
    // Only the beat that was seen.
    var seen = try #require(try picture(try b.beat(FleetBeat(), incarnation: inB)).members.first)
    _ = try a.beat(beat, incarnation: inA)
    #expect(try !b.declareDead(seen, incarnation: inB))
    seen.beat += 1
    #expect(try !b.declareDead(seen, incarnation: uuid()))
    #expect(try b.declareDead(seen, incarnation: inB))
    #expect(try a.beat(beat, incarnation: inA) == .dead)
    #expect(try !a.join(incarnation: inA))
    #expect(try !a.holds(site: "s002", epoch: 1, incarnation: inA))
    #expect(try a.claim(Self.claim(9), incarnation: inA) == [])
    #expect(try b.claim(Self.claim(11), incarnation: inB).count == 5)
    // Another run of the same bridge has nothing of the former one.
    let again = uuid()
    #expect(try b.join(incarnation: again))
    guard case .replaced(let by, _) = try b.beat(FleetBeat(), incarnation: inB) else {
      throw Wrong(answer: "")
    }
    #expect(by == again)
    #expect(try picture(try b.beat(FleetBeat(), incarnation: again)).free == 5)
    #expect(try database.text("SELECT min(epoch), max(epoch) FROM andon.head") == "2|4")
  }

  @Test func claimsPreferPinnedThenCurrentThenHeavy() throws {
    try add(6, seq: 4)
    let a = try session("a")
    let inA = uuid()
    #expect(try a.join(incarnation: inA))
    _ = try database.text("UPDATE andon.site SET weight = 5 WHERE site_id = 's003'")
    _ = try database.text("UPDATE andon.site SET pinned_to = 'a' WHERE site_id = 's006'")
    // Another one's, while it lives; b does not.
    _ = try database.text("UPDATE andon.site SET pinned_to = 'b' WHERE site_id = 's002'")
    var claim = Self.claim(2, restores: 1)
    claim.files = [
      FleetFile(siteID: "s004", seq: 4, tip: 28), FleetFile(siteID: "s005", seq: 4, tip: 27),
    ]
    claim.unfit = ["s001"]
    // Pinned: its restore is the only one; then what it has a current file of. Nothing else without a restore.
    #expect(try a.claim(claim, incarnation: inA).map(\.siteID) == ["s006", "s004"])
    (claim.mostWeight, claim.mostRestores) = (9, 2)
    #expect(try a.claim(claim, incarnation: inA).map(\.siteID) == ["s003", "s002"])
    let b = try session("b")
    let inB = uuid()
    #expect(try b.join(incarnation: inB))
    let wishes = try picture(try a.beat(FleetBeat(), incarnation: inA)).sites
    #expect(wishes.map(\.siteID) == ["s002", "s003", "s004", "s006"])
    #expect(wishes.map(\.wish) == [.leave, .free, .free, .keep])
    // A drained bridge claims nothing, and its pins count no more.
    _ = try database.text("UPDATE andon.bridge SET draining = true WHERE bridge_id = 'a'")
    let drained = try picture(try a.beat(FleetBeat(), incarnation: inA))
    #expect(drained.isDraining)
    #expect(try a.claim(Self.claim(9), incarnation: inA) == [])
    #expect(drained.members.map(\.takes) == [false, true])
  }

  /// What a bridge waits for, and sites that no bridge has; and their documents.
  @Test func whatWaitsIsSeen() throws {
    try add(4)
    let (a, b) = (try session("a"), try session("b"))
    let (inA, inB) = (uuid(), uuid())
    #expect(try a.join(incarnation: inA))
    #expect(try b.join(incarnation: inB))
    #expect(try a.watch() == FleetWatch(), "free for a moment only")
    _ = try database.text("UPDATE andon.head SET free_since = now() - interval '31 s'")
    _ = try database.text("UPDATE andon.site SET added_at = now() - interval '40 s'")
    _ = try database.text("UPDATE andon.site SET enabled = false WHERE site_id = 's004'")
    let watch = try a.watch()
    #expect(watch.unowned.map(\.siteID) == ["s001", "s002", "s003"])
    #expect(watch.unowned.allSatisfy { (31_000..<60_000).contains($0.forMs) })
    #expect((watch.unownedCount, watch.due) == (3, 0))
    // Also one that waits for a bridge which is its own and does not take it.
    _ = try database.text("UPDATE andon.site SET pinned_to = 'b' WHERE site_id = 's002'")
    #expect(try a.claim(Self.claim(9), incarnation: inA).map(\.siteID) == ["s001", "s003"])
    #expect(try a.watch().unowned.map(\.siteID) == ["s002"])
    _ = try database.text("UPDATE andon.site SET pinned_to = 'b'")
    #expect(try b.watch().due == 2)
    #expect(try a.watch().due == 0)
    let documents = try FleetDocuments(try database.settings("andon_bridge"))
    #expect(try documents.sites() == ["s001", "s002", "s003"])
    #expect(try documents.document(of: "s001") == "sites:")
    #expect(try documents.document(of: "s004") == nil)
  }

  /// Many at once: each site has one holder, and none is left.
  @Test func claimsAtOnceShareTheSites() throws {
    try add(200)
    let taken = Mutex<[String]>([])
    let failures = Mutex<[String]>([])
    let names = (0..<8).map { "b\($0)" }
    let threads = names.map { name in
      Thread {
        do {
          let session = try session(name)
          let incarnation = uuid()
          _ = try session.join(incarnation: incarnation)
          for _ in 0..<200 {
            let grants = try session.claim(Self.claim(7), incarnation: incarnation)
            taken.withLock { $0 += grants.map { "\($0.siteID) \($0.epoch)" } }
            let answer = try session.beat(FleetBeat(), incarnation: incarnation)
            if case .member(let picture) = answer, picture.free == 0 { break }
          }
        } catch {
          failures.withLock { $0.append("\(error)") }
        }
      }
    }
    for thread in threads { thread.start() }
    try waitUntil("the claims") { threads.allSatisfy(\.isFinished) }
    #expect(failures.withLock { $0 } == [])
    #expect(taken.withLock { $0 }.sorted() == (1...200).map { String(format: "s%03d 1", $0) })
    #expect(try database.text("SELECT count(*) FROM andon.fleet_now WHERE state = 'held'") == "200")
  }

  /// A claim that is on its way while another run joins under the name leaves no site with a run that is gone.
  @Test func aClaimAndAJoinAtOnce() throws {
    try add(20)
    let failures = Mutex<[String]>([])
    let threads = (0..<4).map { _ in
      Thread {
        do {
          let session = try session("a")
          for _ in 0..<25 {
            let incarnation = uuid()
            _ = try session.join(incarnation: incarnation)
            _ = try session.claim(Self.claim(6), incarnation: incarnation)
          }
        } catch {
          failures.withLock { $0.append("\(error)") }
        }
      }
    }
    for thread in threads { thread.start() }
    try waitUntil("the joins") { threads.allSatisfy(\.isFinished) }
    #expect(failures.withLock { $0 } == [])
    #expect(try database.text("SELECT count(*) FROM andon.fleet_now WHERE state = 'outside'") == "0")
  }

  /// F27: a bridge of its own and the fleet leave each other's sites alone.
  @Test func aBridgeOfItsOwnAndTheFleet() throws {
    try add(2)
    let history = try database.session()
    // s001 is on the fleet's list, s009 is not.
    let refused = try history.take(sites: ["s001", "s009"], bridge: "history-1", retentionMs: nil)
    #expect(refused.map(\.isMine) == [false, true])
    #expect(refused.map(\.bridgeID) == [nil, nil])
    // One that held a site before it was listed keeps it, also when it starts again; the fleet waits.
    _ = try database.text("DELETE FROM andon.site WHERE site_id = 's002'")
    _ = try history.take(sites: ["s002"], bridge: "history-1", retentionMs: nil)
    _ = try database.text("INSERT INTO andon.site (site_id, config) VALUES ('s002', 'sites:')")
    let (a, inA) = (try session("a"), uuid())
    #expect(try a.join(incarnation: inA))
    #expect(try a.claim(Self.claim(9), incarnation: inA).map(\.siteID) == ["s001"])
    let again = try database.session(incarnation: uuid())
    #expect(try again.take(sites: ["s002"], bridge: "history-1", retentionMs: nil).map(\.isMine) == [true])
    let other = try again.take(sites: ["s001", "s002"], bridge: "history-2", retentionMs: nil)
    #expect(other.map(\.isMine) == [false, false])
    #expect(other.map(\.bridgeID) == ["a", "history-1"])
    #expect(
      try database.text("SELECT site_id, bridge_id, state FROM andon.fleet_now WHERE enabled ORDER BY 1")
        == "s001|a|held\ns002|history-1|outside")
    #expect(
      try database.text("SELECT bridge_id, state, sites, version FROM andon.bridge_now") == "a|alive|1|test")
  }

  /// The memberships on the real functions, on a clock of the test.
  @Test(.seeded) func membershipsShareAllSites() throws {
    try add(30)
    var random = SplitMix64(seed: Seed.one)
    let clock = Atomic<Int64>(0)
    let place = try database.settings("andon_bridge").place
    func member(_ name: String) -> (name: String, membership: FleetMembership, dueMs: Int64) {
      let membership = FleetMembership(
        FleetSettings(bridge: name, version: "test"), place: place,
        clock: MonotonicClock { clock.load(ordering: .relaxed) }, random: SplitMix64(seed: random.next())
      ) { [database] () throws(CentralError) in
        guard let settings = try? database.settings("andon_bridge") else { throw .missing(place: place) }
        return try FleetSession(settings, FleetSettings(bridge: name, version: "test"))
      }
      return (name, membership, clock.load(ordering: .relaxed) + Int64.random(in: 0..<2000, using: &random))
    }
    var members = ["a", "b", "c"].map(member)
    func run(_ ms: Int64) {
      for _ in 0..<(ms / 100) {
        clock.add(100, ordering: .relaxed)
        for index in members.indices where members[index].dueMs <= clock.load(ordering: .relaxed) {
          let orders = members[index].membership.step(FleetFacts())
          members[index].dueMs = orders.nextStepMs
          for grant in orders.gained {
            #expect(members[index].membership.mayConnect(grant.siteID), "\(grant.siteID)")
          }
          if !orders.giveUp.isEmpty { members[index].membership.release(orders.giveUp) }
        }
      }
    }
    let shares =
      "SELECT string_agg(format('%s %s', bridge_id, sites), ',' ORDER BY bridge_id) FROM andon.bridge_now "
      + "WHERE state <> 'dead' AND sites > 0"
    run(12_000)
    #expect(try database.text(shares) == "a 10,b 10,c 10")
    members.removeFirst()
    run(16_000)
    #expect(try database.text(shares) == "b 15,c 15")
    members.append(member("d"))
    run(16_000)
    #expect(try database.text(shares) == "b 10,c 10,d 10")
    for member in members {
      #expect(member.membership.held.count == 10)
      #expect(member.membership.standing.trouble == nil)
    }
    // One that ends leaves its sites to be claimed at once.
    members[2].membership.leave()
    members.removeLast()
    run(6000)
    #expect(try database.text(shares) == "b 15,c 15")
    #expect(try database.text("SELECT count(*) FROM andon.fleet_now WHERE unowned_since IS NOT NULL") == "0")
  }
}
