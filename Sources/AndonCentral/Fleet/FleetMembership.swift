package import AndonRuntime
import Foundation

/// A bridge's part in its fleet: that it lives, which sites it holds, and how long it may rely on that.
///
/// The bridge calls `step` when it is due and does what it answers. A step takes as long as the server does, at most a few
/// `FleetSettings.timeoutMs`. For one thread at a time; it has none of its own. What it costs: one statement a beat, and one
/// more when sites move.
///
/// What makes it safe does not rest on time: `ship_v1` refuses who does not hold a site any more. A lease only keeps a bridge
/// that was away from disturbing the new holder at the broker (docs/reliability.md).
package final class FleetMembership {
  /// How many beats a bridge looks before it claims, how many the part of another is left to it, and how many until anyone
  /// takes what is free.
  static let looks = 3
  static let patience: Int64 = 4
  static let impatience: Int64 = 8
  /// So often in a minute another bridge may take this one's name, until it stands aside.
  private static let mostReplacements = 3
  private static let replacementsMs: Int64 = 60_000
  /// A move that a person waits for is looked at so many times a beat, at most for so many beats.
  private static let hurry: Int64 = 8
  private static let hurriedBeats: Int64 = 5

  let settings: FleetSettings
  let clock: MonotonicClock
  private let place: String
  private let makeIncarnation: () -> String
  private let connect: () throws(CentralError) -> any FleetLink
  private var random: any RandomNumberGenerator
  private var link: (any FleetLink)?

  package private(set) var incarnation: String
  private var isMember = false
  /// Beats since it joined.
  private(set) var beats = 0
  private(set) var leaseDeadlineMs = Int64.min
  private var nextStepMs: Int64 = 0
  private var replacedAtMs: [Int64] = []
  /// The other bridge of this name, which it leaves the sites to, and since when that one's beat stands still.
  private var aside: (incarnation: String, beat: Int64, sinceMs: Int64)?

  var sites: [String: FleetSite] = [:]
  var observer = FleetObserver()
  var newcomers = FleetNewcomers()
  var weights = FleetWeights()
  var unfit: [String: Int64] = [:]
  /// Since when it sees sites wait, by `FleetPicture.freeKeys`.
  var waiting: [String: Int64] = [:]
  var isBalancing = false
  private var brokerLostAtMs: Int64?
  /// Steps in a row that came before their beat.
  private var hurried: Int64 = 0
  /// It declared another bridge dead in this step: what that one held can be claimed at once.
  var hasFreed = false
  package internal(set) var standing = FleetStanding()

  /// - Parameters:
  ///   - place: the server, for people.
  ///   - incarnation: makes a UUID.
  package init(
    _ settings: FleetSettings, place: String, clock: MonotonicClock = .system,
    random: any RandomNumberGenerator = SystemRandomNumberGenerator(),
    incarnation: @escaping () -> String = { UUID().uuidString.lowercased() },
    connect: @escaping () throws(CentralError) -> any FleetLink
  ) {
    (self.settings, self.place, self.clock, self.random) = (settings, place, clock, random)
    (makeIncarnation, self.connect) = (incarnation, connect)
    self.incarnation = incarnation()
  }

  /// Its sites and their epochs, also those that it is giving up.
  package var held: [String: Int64] { sites.filter { $0.value.state != .stopped }.mapValues(\.epoch) }

  /// Says that it lives, learns what the fleet looks like, and moves sites.
  package func step(_ facts: FleetFacts) -> FleetOrders {
    let nowMs = clock.nowMs
    var orders = FleetOrders()
    weights.count(facts.events, nowMs: nowMs)
    noteBroker(facts, nowMs: nowMs)
    // So that bridges that began together do not ask together.
    nextStepMs = nowMs + settings.beatMs * (900 + Int64(random.next() % 201)) / 1000
    do {
      let link = try connected()
      if aside != nil {
        try watch(link, nowMs: nowMs)
      } else {
        try takePart(link, facts, &orders)
      }
      standing.trouble = aside.map { _ in
        "another bridge has the id \(settings.bridge): this one takes no sites until that one is gone; give each bridge "
          + "its own bridge.id"
      }
    } catch {
      drop()
      standing.trouble = "\(error)"
      nextStepMs = clock.nowMs + settings.beatMs / 4
    }
    orders.nextStepMs = nextStepMs
    orders.leaseDeadlineMs = leaseDeadlineMs
    orders.wantsBroker = standing.isResting
    (standing.isMember, standing.standsAside) = (isMember, aside != nil)
    return orders
  }

  /// The bridge has stopped these sites in order, or has given up trying to.
  package func release(_ ids: [String]) {
    for id in ids where sites[id] != nil { sites[id]?.state = .stopped }
    do {
      try releaseStopped(try connected())
    } catch {
      // The next step does it.
      drop()
    }
  }

  /// The bridge cannot run the site, for example because of its disk: another one shall, and this one leaves it alone for
  /// `FleetSettings.unfitMs`. The next step orders to give it up.
  package func markUnfit(_ id: String) { unfit[id] = clock.nowMs + settings.unfitMs }

  /// The site's file has been brought up to date.
  package func restored(_ id: String) { sites[id]?.isRestoring = false }

  /// Whether a connection may be begun for the site, of either kind: the lease has not run out, and the server says that the
  /// site is still this bridge's. Ask before each: a machine that stood still does not know that its lease is over.
  package func mayConnect(_ id: String) -> Bool {
    guard let site = sites[id], site.state == .running, isMember else { return false }
    do {
      let holds = try connected().holds(site: id, epoch: site.epoch, incarnation: incarnation)
      // After the answer, which may have taken its time.
      return holds && clock.nowMs < leaseDeadlineMs
    } catch {
      drop()
      return false
    }
  }

  /// Ends the membership: what it still holds others may claim at once. All its lanes must be stopped.
  package func leave() {
    for id in sites.keys { sites[id]?.state = .stopped }
    guard isMember else { return drop() }
    if let link = try? connected() {
      try? releaseStopped(link)
      if case .member(let picture) = try? link.beat(FleetBeat(), incarnation: incarnation),
        let me = picture.members.first(where: { $0.bridge == settings.bridge })
      {
        _ = try? link.declareDead(me, incarnation: incarnation)
      }
    }
    (isMember, leaseDeadlineMs, sites) = (false, .min, [:])
    drop()
  }

  // MARK: Connection

  private func connected() throws(CentralError) -> any FleetLink {
    if let link, link.isOpen { return link }
    drop()
    let fresh = try connect()
    do throws(CentralError) {
      try fresh.about().check(place: place)
    } catch {
      fresh.close()
      throw error
    }
    link = fresh
    standing.isConnected = true
    return fresh
  }

  private func drop() {
    link?.close()
    link = nil
    standing.isConnected = false
  }

  // MARK: Membership

  private func takePart(_ link: any FleetLink, _ facts: FleetFacts, _ orders: inout FleetOrders)
    throws(CentralError)
  {
    if !isMember {
      guard try link.join(incarnation: incarnation) else {
        incarnation = makeIncarnation()
        nextStepMs = clock.nowMs
        return
      }
      (isMember, beats) = (true, 0)
      (observer, newcomers, waiting) = (FleetObserver(), FleetNewcomers(), [:])
    }
    var beat = FleetBeat()
    beat.takes = !standing.isResting && !facts.isStopping
    (beat.hasBroker, beat.details, beat.weights) = (facts.hasBroker, facts.details, weights.changed)
    // Before the beat: the others see it later than that.
    let beforeMs = clock.nowMs
    switch try link.beat(beat, incarnation: incarnation) {
    case .member(let picture):
      beats += 1
      leaseDeadlineMs = beforeMs + settings.ttlMs * 3 / 4
      weights.wrote(beat.weights)
      orders.watch = try link.watch()
      hasFreed = false
      try follow(picture, link, facts, &orders)
      hasten(orders)
    case .dead:
      expel(&orders, "was declared dead by another bridge, joins again")
    case .absent:
      expel(&orders, "is not known to the central database any more, joins again")
    case .replaced(let other, let beat):
      expel(&orders, "was replaced: another run, or another bridge, joined as \(settings.bridge)")
      let nowMs = clock.nowMs
      replacedAtMs = replacedAtMs.filter { nowMs - $0 < Self.replacementsMs } + [nowMs]
      if replacedAtMs.count >= Self.mostReplacements { aside = (other, beat, nowMs) }
    }
  }

  /// Who waits for a site that another bridge gives up, or may claim what it freed, does not wait for the next beat.
  private func hasten(_ orders: FleetOrders) {
    let isDue = orders.watch.due > 0 && beats > Self.looks && hurried < Self.hurry * Self.hurriedBeats
    guard isDue || hasFreed else {
      if orders.watch.due == 0 { hurried = 0 }
      return
    }
    if isDue { hurried += 1 }
    nextStepMs = min(nextStepMs, clock.nowMs + settings.beatMs / Self.hurry)
  }

  /// All that it held is another's, or free.
  private func expel(_ orders: inout FleetOrders, _ note: String) {
    orders.lost = held.keys.sorted()
    orders.notes.append("\(settings.bridge) \(note)")
    for id in sites.keys { weights.remove(id) }
    (sites, isMember, leaseDeadlineMs) = ([:], false, .min)
    incarnation = makeIncarnation()
    nextStepMs = clock.nowMs
  }

  /// Looks whether the other bridge of its name is gone. Its own incarnation is none: the beat changes nothing.
  private func watch(_ link: any FleetLink, nowMs: Int64) throws(CentralError) {
    guard let known = aside else { return }
    guard case .replaced(let other, let beat) = try link.beat(FleetBeat(), incarnation: incarnation) else {
      aside = nil
      return
    }
    if (other, beat) != (known.incarnation, known.beat) {
      aside = (other, beat, nowMs)
    } else if nowMs - known.sinceMs >= settings.ttlMs {
      (aside, replacedAtMs) = (nil, [])
    }
  }

  private func noteBroker(_ facts: FleetFacts, nowMs: Int64) {
    switch facts.hasBroker {
    case true?: (brokerLostAtMs, standing.isResting) = (nil, false)
    case false?: brokerLostAtMs = brokerLostAtMs ?? nowMs
    case nil: if !standing.isResting { brokerLostAtMs = nil }
    }
  }

  /// Without a broker for long, while another bridge has one: that one does better. If none has one, the sites stay.
  func judgeBroker(_ picture: FleetPicture, nowMs: Int64) {
    guard let brokerLostAtMs, nowMs - brokerLostAtMs >= settings.brokerGraceMs else { return }
    let others = picture.members.filter { $0.bridge != settings.bridge && !$0.isDead && $0.takes }
    if others.contains(where: \.hasBroker) { standing.isResting = true }
  }

  func releaseStopped(_ link: any FleetLink) throws(CentralError) {
    let stopped = sites.filter { $0.value.state == .stopped }.sorted { $0.key < $1.key }
    guard !stopped.isEmpty else { return }
    try link.release(stopped.map { ($0.key, $0.value.epoch) }, incarnation: incarnation)
    for (id, _) in stopped {
      sites[id] = nil
      weights.remove(id)
    }
  }
}
