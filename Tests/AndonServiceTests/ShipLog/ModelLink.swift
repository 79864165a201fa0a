import Postgres
import TestSupport

@testable import AndonCentral
@testable import AndonCore
@testable import AndonRuntime
@testable import AndonStore

/// A central database of one site in memory, with the ways in which a real one is unreliable, by a seed.
final class ModelCentral {
  private(set) var server = ShipServer()
  private(set) var epoch: Int64 = 0
  private(set) var holder = ""
  /// Which run of a bridge holds the site: a server that went back gives the same epoch again.
  private(set) var incarnation = 0
  var cluster = "c-1"
  /// Of a hundred calls so many go wrong.
  var troublePercent = 0
  /// Rows whose identity contains this are refused.
  var poison: String?
  private(set) var refusals = 0
  /// Back-fills that people ask for.
  var requests: [CentralRequest] = []
  private(set) var lostAnswers = 0
  private var random: SplitMix64

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }

  /// The whole state, for a server that goes back to it.
  struct Copy {
    fileprivate var server: ShipServer
    fileprivate var epoch: Int64
    fileprivate var holder: String
    fileprivate var incarnation: Int
  }

  var copy: Copy { Copy(server: server, epoch: epoch, holder: holder, incarnation: incarnation) }

  func goBack(to copy: Copy) {
    (server, holder) = (copy.server, copy.holder)
    (epoch, incarnation) = (copy.epoch, copy.incarnation)
  }

  static func error(_ kind: PostgresError.Kind, isUnknown: Bool = false) -> CentralError {
    .postgres(PostgresError(kind, "model", isOutcomeUnknown: isUnknown), place: "model")
  }

  enum Trouble { case none, before, after, warning }

  func trouble() -> Trouble {
    guard below(100) < troublePercent else { return .none }
    return [.before, .after, .warning][below(3)]
  }

  func take(by bridge: String, _ incarnation: Int) -> CentralPosition {
    let before = holder
    epoch += 1
    (holder, self.incarnation) = (bridge, incarnation)
    return position(before)
  }

  func position(_ bridge: String) -> CentralPosition {
    CentralPosition(
      siteID: "plant-a", epoch: epoch, seq: server.head.seq, tip: server.head.tip,
      newestEventMs: server.newestMs,
      bridgeID: bridge.isEmpty ? nil : bridge)
  }

  func ship(_ part: SiteShipment, _ incarnation: Int) throws(CentralError) -> ShipmentOutcome {
    let site = part.site
    guard site.epoch == epoch, incarnation == self.incarnation else { return .fenced(by: holder) }
    guard site.firstSeq == server.head.seq + 1 else {
      return site.lastSeq == server.head.seq && site.tip == server.head.tip ? .repeated : .otherPosition
    }
    if let poison, part.records.contains(where: { ShipServer.key($0).contains(poison) }) {
      refusals += 1
      throw Self.error(.data)
    }
    server.take(part.records)
    server.head = ShipPosition(seq: site.lastSeq, tip: site.tip)
    server.takeState(part.patches, part.base)
    return .applied(events: 0)
  }
}

/// A connection to it.
final class ModelLink: CentralLink {
  private let central: ModelCentral
  private let incarnation: Int
  private(set) var isOpen = true

  init(_ central: ModelCentral, _ incarnation: Int) {
    (self.central, self.incarnation) = (central, incarnation)
  }

  func close() { isOpen = false }

  private func call<Result>(_ body: () throws(CentralError) -> Result) throws(CentralError) -> Result {
    precondition(isOpen, "a closed connection is used")
    switch central.trouble() {
    case .none: return try body()
    case .before:
      isOpen = false
      throw ModelCentral.error(.connection, isUnknown: true)
    case .after:
      isOpen = false
      _ = try body()
      throw ModelCentral.error(.connection, isUnknown: true)
    case .warning:
      // Committed here, and perhaps not on the standby.
      _ = try body()
      throw ModelCentral.error(.connection, isUnknown: true)
    }
  }

  func about() throws(CentralError) -> CentralAbout {
    try call {
      CentralAbout(
        schemaVersion: CentralSchema.version, oldestWriter: CentralSchema.oldestWriter,
        clusterID: central.cluster,
        layout: "native", atMs: 0)
    }
  }

  func take(
    sites: [String], bridge: String, retentionMs: Int64?
  ) throws(CentralError) -> [CentralPosition] {
    try call { sites.map { _ in central.take(by: bridge, incarnation) } }
  }

  func resume(site: String, epoch: Int64) throws(CentralError) -> CentralPosition? {
    try call {
      var position = central.position(central.holder)
      position.isMine = epoch == central.epoch && incarnation == central.incarnation
      return position
    }
  }

  func ship(_ parts: [SiteShipment]) throws(CentralError) -> [ShipmentOutcome] {
    try call { () throws(CentralError) in
      var outcomes: [ShipmentOutcome] = []
      for part in parts { outcomes.append(try central.ship(part, incarnation)) }
      return outcomes
    }
  }

  func maintain(oldestMs: Int64?) throws(CentralError) -> [CentralAction] { [] }

  func requests() throws(CentralError) -> [CentralRequest] { try call { central.requests } }

  func answered(_ request: CentralRequest) throws(CentralError) {
    try call { central.requests.removeAll { $0 == request } }
  }
}
