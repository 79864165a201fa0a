import AndonRuntime

extension FleetMembership {
  /// Brings what it knows in line with the database's picture, and moves sites.
  func follow(
    _ picture: FleetPicture, _ link: any FleetLink, _ facts: FleetFacts, _ orders: inout FleetOrders
  ) throws(CentralError) {
    let nowMs = clock.nowMs
    let strangers = reconcile(picture, &orders)
    judgeBroker(picture, nowMs: nowMs)
    standing.isDraining = picture.isDraining
    standing.members = picture.members.count { !$0.isDead }
    standing.held = sites.count
    standing.unowned = orders.watch.unownedCount
    // A claim whose answer was lost, or that was carried out late. Nothing of it runs here.
    if !strangers.isEmpty { try link.release(strangers, incarnation: incarnation) }
    try readConfigs(picture, link, &orders)
    for other in observer.look(
      picture.members, except: settings.bridge, nowMs: nowMs, pauseMs: settings.ttlMs / 2)
    where try link.declareDead(other, incarnation: incarnation) {
      hasFreed = true
      orders.notes.append("\(other.bridge) does not live any more: its sites are free")
    }
    let newcomers = newcomers.look(picture.members, nowMs: nowMs, lengthMs: settings.beatMs * 3 / 2)
    unfit = unfit.filter { $0.value > nowMs }
    let takesNone = picture.isDraining || facts.isStopping || standing.isResting
    orders.giveUp = giveUp(picture, takesNone: takesNone, newcomers: newcomers)
    try releaseStopped(link)
    if !takesNone { try claim(picture, link, facts, &orders, nowMs: nowMs) }
  }

  /// - Returns: sites that the database says it holds and that it does not know.
  private func reconcile(_ picture: FleetPicture, _ orders: inout FleetOrders) -> [(id: String, epoch: Int64)]
  {
    var strangers: [(id: String, epoch: Int64)] = []
    var kept: Set<String> = []
    for holding in picture.sites {
      guard let site = sites[holding.siteID], site.epoch == holding.epoch else {
        strangers.append((holding.siteID, holding.epoch))
        continue
      }
      kept.insert(holding.siteID)
      sites[holding.siteID]?.wish = holding.wish
    }
    for (id, site) in sites where !kept.contains(id) {
      if site.state != .stopped { orders.lost.append(id) }
      sites[id] = nil
      weights.remove(id)
    }
    orders.lost.sort()
    return strangers
  }

  private func readConfigs(
    _ picture: FleetPicture, _ link: any FleetLink, _ orders: inout FleetOrders
  ) throws(CentralError) {
    let changed = picture.sites.filter { holding in
      guard let site = sites[holding.siteID], let rev = holding.configRev else { return false }
      return site.state == .running && site.configRev != rev
    }.map(\.siteID)
    guard !changed.isEmpty else { return }
    for config in try link.configs(of: changed, incarnation: incarnation) {
      sites[config.siteID]?.configRev = config.configRev
      orders.changed.append(config)
    }
  }

  /// Marks and returns the sites that others shall have.
  private func giveUp(_ picture: FleetPicture, takesNone: Bool, newcomers: Set<String>) -> [String] {
    var leaving = sites.filter { $0.value.state == .running }.filter {
      takesNone || $0.value.wish == .leave || unfit[$0.key] != nil
    }.map(\.key)
    for id in leaving { sites[id]?.state = .leaving }
    if !takesNone { leaving += surplus(picture, newcomers) }
    return leaving.sorted()
  }

  private func surplus(_ picture: FleetPicture, _ newcomers: Set<String>) -> [String] {
    var picture = picture
    // They get what others have when they may claim it.
    picture.members.removeAll {
      newcomers.contains($0.bridge) && $0.bridge != settings.bridge && $0.held == 0
    }
    let balance = balance(picture)
    isBalancing = balance.unevenness > (isBalancing ? 0 : 0.02)
    // Who has less than its part gives none, also if it would get too much from others.
    let own = picture.members.first { $0.bridge == settings.bridge }?.weight ?? 0
    guard isBalancing, balance.surplusSites > 0, own > balance.quota else { return [] }
    let most = max(10, (balance.surplusSites + 1) / 2)
    var weight = balance.surplus * 1.000_001
    var given: [String] = []
    let movable = sites.filter { $0.value.state == .running && $0.value.wish == .free }
    // First those that run nowhere yet, then the heavy ones: fewer move.
    let ordered = movable.map { (id: $0.key, isRestoring: $0.value.isRestoring, weight: weights[$0.key]) }
      .sorted {
        ($0.isRestoring ? 0 : 1, -$0.weight, $0.id) < ($1.isRestoring ? 0 : 1, -$1.weight, $1.id)
      }
    for site in ordered where site.weight <= weight {
      guard given.count < most else { break }
      weight -= site.weight
      given.append(site.id)
      sites[site.id]?.state = .leaving
    }
    return given
  }

  private func balance(_ picture: FleetPicture) -> FleetBalance {
    let leaving = sites.filter { $0.value.state != .running }.keys
    let balance = FleetBalance(
      picture, own: settings.bridge, leaving: (leaving.count, leaving.reduce(0) { $0 + weights[$1] }))
    return balance
  }

  private func claim(
    _ picture: FleetPicture, _ link: any FleetLink, _ facts: FleetFacts, _ orders: inout FleetOrders,
    nowMs: Int64
  ) throws(CentralError) {
    let known = waiting
    waiting = Dictionary(picture.freeKeys.map { ($0, known[$0] ?? nowMs) }) { first, _ in first }
    let balance = balance(picture)
    let weight = picture.members.first { $0.bridge == settings.bridge }?.weight ?? 0
    (standing.quota, standing.weight) = (balance.quota, weight)
    guard beats >= Self.looks, picture.free > 0 || picture.freePinned > 0 else { return }
    var claim = FleetClaim()
    claim.mostWeight = picture.free > 0 ? balance.share * 1.000_001 : 0
    let waitedMs = nowMs - (waiting.values.min() ?? nowMs)
    if waitedMs >= Self.patience * settings.beatMs {
      // Another one did not take its part, for example because it restores others first.
      claim.mostWeight = max(claim.mostWeight, balance.quota - weight)
    }
    if waitedMs >= Self.impatience * settings.beatMs, claim.mostWeight < picture.freeWeight {
      // None of the others can, or a site is heavier than any part.
      (claim.mostSites, claim.mostWeight) = (max(1, Int32(balance.share)), .infinity)
    }
    guard claim.mostWeight > 0 || picture.freePinned > 0 else { return }
    let restoring = sites.values.count { $0.isRestoring && $0.state == .running }
    claim.mostRestores = Int32(max(0, settings.parallelRestores - restoring))
    (claim.files, claim.unfit) = (facts.files(), unfit.keys.sorted())
    claim.retentionMs = settings.retentionMs
    let grants = try link.claim(claim, incarnation: incarnation)
    for grant in grants {
      sites[grant.siteID] = FleetSite(grant)
      weights.add(grant.siteID, weight: grant.weight)
    }
    orders.gained = grants
  }
}
