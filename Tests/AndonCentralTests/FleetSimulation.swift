import AndonRuntime
import Synchronization

@testable import AndonCentral

/// Bridges that share sites, on a clock of its own, with faults.
final class FleetSimulation {
  static let tickMs: Int64 = 50

  /// A clock that the membership reads.
  final class Shown: Sendable {
    let ms = Atomic<Int64>(0)
  }

  final class Bridge {
    struct Lane {
      var epoch: Int64
      var isConnected = false
      /// When it next tries to connect, or has stopped.
      var dueMs: Int64
      var isStopping = false
      var configRev: Int64
    }

    let name: String
    var membership: FleetMembership?
    var lanes: [String: Lane] = [:]
    /// Files: the newest position of each.
    var files: [String: Int64] = [:]
    var wakeMs: Int64 = 0
    /// When its next step is due, by its own clock.
    var stepDueMs: Int64 = .min
    /// Frozen until then; its clock stands still in the meantime for a machine that is paused.
    var frozenUntilMs: Int64 = .min
    var clockLagMs: Int64 = 0
    /// What calls that ran into their time-outs took in this step.
    var spentMs: Int64 = 0
    var isCutOff = false
    var hasBroker = true
    var isStopping = false
    var countedMs: Int64?
    /// Of the lease that it has: whether its clock stood still since.
    var lagAtLeaseMs: Int64 = 0

    /// What its clock shows.
    let shown = Shown()

    init(_ name: String) { self.name = name }
  }

  var random: SplitMix64
  let model = FleetModel()
  /// The weights that follow from the events of the sites.
  private var weights: [String: Double] = [:]
  var nowMs: Int64 = 0
  var bridges: [Bridge] = []
  /// Chances of a call, in 1/1000: refused, answer lost, late.
  var badness = (refused: 0, lost: 0, late: 0)
  var isDown = false
  var graceMs: Int64 = 20_000
  private var late: [(atMs: Int64, action: () -> Void)] = []
  private var epochs: [String: Int64] = [:]
  /// What was wrong, with the time.
  private(set) var faults: [String] = []
  private(set) var takeOvers = 0
  private(set) var connects = 0

  init(seed: UInt64, sites: Int) {
    random = SplitMix64(seed: seed)
    for number in 0..<sites {
      let id = "site-\(number < 10 ? "0" : "")\(number)"
      model.sites[id] = FleetModel.Site(weight: random.chance(0.2) ? Double(below(8) + 2) : 1)
      model.heads[id] = FleetModel.Head(epoch: 0, seq: Int64(below(2)))
      weights[id] = model.sites[id]?.weight
    }
  }

  func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &random) }

  func fault(_ text: String) { faults.append("\(nowMs) ms: \(text)") }

  /// Time passes for a bridge while it waits for an answer.
  private func spend(_ ms: Int64, _ bridge: Bridge) {
    bridge.spentMs += ms
    setClock(bridge)
  }

  private func setClock(_ bridge: Bridge) {
    bridge.shown.ms.store(nowMs + bridge.spentMs - bridge.clockLagMs, ordering: .relaxed)
  }

  // MARK: Bridges

  @discardableResult func start(_ name: String) -> Bridge {
    let bridge = bridges.first { $0.name == name } ?? Bridge(name)
    if !bridges.contains(where: { $0 === bridge }) { bridges.append(bridge) }
    return launch(bridge)
  }

  @discardableResult func launch(_ bridge: Bridge) -> Bridge {
    var settings = FleetSettings(bridge: bridge.name, version: "test")
    (settings.brokerGraceMs, settings.unfitMs) = (graceMs, 30_000)
    (bridge.lanes, bridge.wakeMs, bridge.spentMs) = ([:], nowMs + Int64(below(2000)), 0)
    (bridge.isStopping, bridge.frozenUntilMs, bridge.stepDueMs) = (false, .min, .min)
    bridge.countedMs = nil
    bridge.membership = FleetMembership(
      settings, place: "model",
      clock: MonotonicClock { [shown = bridge.shown] in shown.ms.load(ordering: .relaxed) },
      random: SplitMix64(seed: random.next()),
      incarnation: { [unowned self] in "\(bridge.name)/\(random.next())" }
    ) { [unowned self] () throws(CentralError) in
      FleetModelLink(model, settings) { [unowned self, unowned bridge] in
        fate(bridge, settings)
      } later: { [unowned self] action in
        late.append((nowMs + Int64(below(15_000)), action))
      }
    }
    return bridge
  }

  private func fate(_ bridge: Bridge, _ settings: FleetSettings) -> FleetModelLink.Fate {
    let draw = below(1000)
    if isDown || bridge.isCutOff || draw < badness.refused {
      if below(2) == 0 { spend(settings.timeoutMs, bridge) }
      return .refused
    }
    if draw < badness.refused + badness.lost {
      spend(settings.timeoutMs, bridge)
      return .answerLost
    }
    if draw < badness.refused + badness.lost + badness.late {
      spend(settings.timeoutMs, bridge)
      return .late
    }
    spend(Int64(below(20)), bridge)
    return .answered
  }

  /// - Parameter isMachine: its clock stands still, too.
  func freeze(_ bridge: Bridge, forMs: Int64, isMachine: Bool) {
    guard bridge.frozenUntilMs <= nowMs else { return }
    bridge.frozenUntilMs = nowMs + forMs
    if isMachine { bridge.clockLagMs += forMs }
  }

  func kill(_ bridge: Bridge) { (bridge.membership, bridge.lanes) = (nil, [:]) }

  // MARK: Time

  func run(forMs: Int64, _ each: () -> Void = {}) {
    let endMs = nowMs + forMs
    while nowMs < endMs {
      nowMs += Self.tickMs
      let due = late.filter { $0.atMs <= nowMs }
      late.removeAll { $0.atMs <= nowMs }
      for call in due { call.action() }
      each()
      for bridge in bridges where bridge.membership != nil && bridge.frozenUntilMs <= nowMs { act(bridge) }
      check()
    }
  }

  private func act(_ bridge: Bridge) {
    guard let membership = bridge.membership else { return }
    // What took time has passed by now.
    guard nowMs >= bridge.wakeMs else { return }
    bridge.spentMs = 0
    setClock(bridge)
    connect(bridge, membership)
    // What takes long has its effect in the model at once: nothing else may follow at the same moment.
    if bridge.spentMs < 1000, bridge.shown.ms.load(ordering: .relaxed) >= bridge.stepDueMs {
      step(bridge, membership)
    }
    bridge.wakeMs = nowMs + bridge.spentMs + Self.tickMs
    bridge.spentMs = 0
  }

  private func step(_ bridge: Bridge, _ membership: FleetMembership) {
    var facts = FleetFacts()
    (facts.hasBroker, facts.isStopping) = (bridge.hasBroker, bridge.isStopping)
    let clockMs = bridge.shown.ms.load(ordering: .relaxed)
    let passedMs = clockMs - (bridge.countedMs ?? clockMs)
    bridge.countedMs = clockMs
    for id in bridge.lanes.keys.sorted() {
      let events = ((weights[id] ?? 1) - 1) * 3 * Double(passedMs) / 1000
      facts.events[id] = Int64(events) + (random.chance(events - events.rounded(.down)) ? 1 : 0)
    }
    facts.files = { bridge.files.map { FleetFile(siteID: $0.key, seq: $0.value, tip: $0.value * 7) } }
    let leaseMs = membership.leaseDeadlineMs
    let orders = membership.step(facts)
    bridge.stepDueMs = orders.nextStepMs
    if orders.leaseDeadlineMs != leaseMs { bridge.lagAtLeaseMs = bridge.clockLagMs }
    for id in orders.lost where bridge.lanes.removeValue(forKey: id) == nil {
      fault("\(bridge.name) lost \(id), which it does not run")
    }
    for id in orders.giveUp {
      if bridge.lanes[id] == nil { fault("\(bridge.name) gives up \(id), which it does not run") }
      bridge.lanes[id]?.isStopping = true
      bridge.lanes[id]?.dueMs = nowMs + Int64(below(1000))
    }
    for config in orders.changed {
      if bridge.lanes[config.siteID] == nil { fault("\(bridge.name) configures \(config.siteID)") }
      bridge.lanes[config.siteID]?.configRev = config.configRev
    }
    for grant in orders.gained {
      if bridge.lanes[grant.siteID] != nil { fault("\(bridge.name) gained \(grant.siteID) twice") }
      bridge.lanes[grant.siteID] = Bridge.Lane(
        epoch: grant.epoch, dueMs: nowMs + (grant.isCurrent ? 0 : 500 + Int64(below(2000))),
        configRev: grant.configRev)
      takeOvers += 1
    }
    if Set(bridge.lanes.keys) != Set(membership.held.keys) {
      fault("\(bridge.name) runs other sites than it holds")
    }
  }

  private func connect(_ bridge: Bridge, _ membership: FleetMembership) {
    for (id, lane) in bridge.lanes.sorted(by: { $0.key < $1.key })
    where lane.dueMs <= nowMs && bridge.spentMs < 1000 {
      if lane.isStopping {
        bridge.lanes[id] = nil
        membership.release([id])
        continue
      }
      // Now and then a connection breaks.
      if lane.isConnected, below(200) > 0 { continue }
      bridge.lanes[id]?.isConnected = false
      membership.restored(id)
      guard bridge.hasBroker, membership.mayConnect(id) else {
        bridge.lanes[id]?.dueMs = nowMs + 1000
        continue
      }
      let head = model.heads[id]
      if head?.epoch != lane.epoch || head?.incarnation != membership.incarnation
        || head.map({ model.state($0) }) != .held
      {
        fault(
          "\(bridge.name) connects for \(id) with epoch \(lane.epoch), the head is \(String(describing: head))"
        )
      }
      bridge.lanes[id]?.isConnected = true
      connects += 1
      bridge.files[id] = head?.seq
      // It ships something.
      if below(4) == 0, let seq = head?.seq {
        model.heads[id]?.seq = seq + 1
        bridge.files[id] = seq + 1
      }
    }
  }

  // MARK: What always holds

  private func check() {
    for (id, head) in model.heads {
      if head.epoch < epochs[id] ?? 0 { fault("the epoch of \(id) fell") }
      epochs[id] = head.epoch
      let holders = bridges.filter { $0.lanes[id]?.epoch == head.epoch }
      if holders.count > 1 { fault("\(id) is held by \(holders.map(\.name))") }
    }
    for bridge in bridges {
      guard let membership = bridge.membership, bridge.lagAtLeaseMs == bridge.clockLagMs else { continue }
      guard nowMs - bridge.clockLagMs < membership.leaseDeadlineMs else { continue }
      // Within the lease no other bridge declares it dead.
      if let row = model.bridges[bridge.name], row.incarnation == membership.incarnation, row.isDead {
        fault("\(bridge.name) is dead within its lease")
      }
    }
  }

  /// Why it is not all owned and even; nil when it is.
  func unrest() -> String? {
    let living = bridges.filter { $0.membership != nil && $0.hasBroker && !$0.isStopping }
      .filter { model.bridges[$0.name]?.isDraining == false }
    var loads = Dictionary(uniqueKeysWithValues: living.map { ($0.name, 0.0) })
    var heaviest = 0.0
    for (id, site) in model.sites where site.isEnabled {
      guard let head = model.heads[id], let name = head.bridge, loads[name] != nil else {
        return "\(id) has no holder that lives: \(String(describing: model.heads[id]))"
      }
      guard let lane = bridges.first(where: { $0.name == name })?.lanes[id], lane.epoch == head.epoch,
        lane.isConnected
      else {
        return "\(id) is not connected at \(name)"
      }
      if lane.configRev != site.configRev { return "\(id) has an old configuration" }
      if let pin = site.pinnedTo, loads[pin] != nil, pin != name { return "\(id) is not at \(pin)" }
      loads[name, default: 0] += site.weight
      if site.pinnedTo == nil { heaviest = max(heaviest, site.weight) }
    }
    let (least, most) = (loads.values.min() ?? 0, loads.values.max() ?? 0)
    let mean = loads.values.reduce(0, +) / Double(max(1, loads.count))
    let isPinned = model.sites.values.contains { $0.pinnedTo != nil }
    if !isPinned, most - least > heaviest * 2 + mean * 0.05 { return "uneven: \(loads)" }
    return nil
  }
}
