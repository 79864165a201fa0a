import Postgres

@testable import AndonCentral

/// A connection to a `FleetModel`, over a bad network where the simulation wants one.
final class FleetModelLink: FleetLink {
  /// What becomes of a call.
  enum Fate {
    case answered
    /// It did not arrive.
    case refused
    /// It was carried out, its answer was lost.
    case answerLost
    /// The caller gave up, and the server carries it out later.
    case late
  }

  private let model: FleetModel
  private let settings: FleetSettings
  private let fate: () -> Fate
  private let later: (@escaping () -> Void) -> Void
  private(set) var isOpen = true

  init(
    _ model: FleetModel, _ settings: FleetSettings, fate: @escaping () -> Fate,
    later: @escaping (@escaping () -> Void) -> Void
  ) {
    (self.model, self.settings, self.fate, self.later) = (model, settings, fate, later)
  }

  func close() { isOpen = false }

  private func call<Result>(_ body: @escaping () -> Result) throws(CentralError) -> Result {
    switch fate() {
    case .answered: return body()
    case .refused: break
    case .answerLost: _ = body()
    case .late: later { _ = body() }
    }
    isOpen = false
    throw .postgres(PostgresError(.connection, "lost", isOutcomeUnknown: true), place: "model")
  }

  func about() throws(CentralError) -> CentralAbout {
    CentralAbout(
      schemaVersion: CentralSchema.version, oldestWriter: 1, clusterID: "model", layout: "native", atMs: 0)
  }

  func join(incarnation: String) throws(CentralError) -> Bool {
    try call { [model, settings] in model.join(settings, incarnation) }
  }

  func beat(_ beat: FleetBeat, incarnation: String) throws(CentralError) -> FleetAnswer {
    try call { [model, settings] in model.beat(beat, settings.bridge, incarnation) }
  }

  func watch() throws(CentralError) -> FleetWatch {
    try call { [model, settings] in model.watch(settings.bridge) }
  }

  func declareDead(_ other: FleetMember, incarnation: String) throws(CentralError) -> Bool {
    try call { [model, settings] in model.declareDead(other, settings.bridge, incarnation) }
  }

  func claim(_ claim: FleetClaim, incarnation: String) throws(CentralError) -> [FleetGrant] {
    try call { [model, settings] in model.claim(claim, settings.bridge, incarnation) }
  }

  func release(_ sites: [(id: String, epoch: Int64)], incarnation: String) throws(CentralError) {
    try call { [model] in model.release(sites, incarnation) }
  }

  func holds(site: String, epoch: Int64, incarnation: String) throws(CentralError) -> Bool {
    try call { [model, settings] in model.holds(site: site, epoch, settings.bridge, incarnation) }
  }

  func configs(of sites: [String], incarnation: String) throws(CentralError) -> [FleetConfig] {
    try call { [model] in
      sites.compactMap { id in
        guard model.heads[id]?.incarnation == incarnation, let site = model.sites[id] else { return nil }
        return FleetConfig(siteID: id, config: "sites:", configRev: site.configRev)
      }
    }
  }
}
