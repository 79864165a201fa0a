@testable import AndonCentral

/// The tables `head`, `site` and `bridge` and the functions of the fleet, in memory.
final class FleetModel {
  struct Bridge {
    var incarnation: String
    var beat: Int64 = 0
    var isDead = false
    var takes = true
    var isDraining = false
    var hasBroker = false
    var ttlMs: Int64
    var capacity: Double
  }

  struct Site {
    var weight = 1.0
    var pinnedTo: String?
    var isEnabled = true
    var configRev: Int64 = 1
  }

  struct Head: Equatable {
    var epoch: Int64 = 0
    var seq: Int64 = 0
    var bridge: String?
    var incarnation: String?
  }

  var bridges: [String: Bridge] = [:]
  var sites: [String: Site] = [:]
  var heads: [String: Head] = [:]

  private func lives(_ bridge: String, _ incarnation: String) -> Bool {
    bridges[bridge].map { $0.incarnation == incarnation && !$0.isDead } ?? false
  }

  /// Who has it pinned, while that one takes sites.
  private func pin(_ site: Site) -> String? {
    site.pinnedTo.flatMap { name in
      bridges[name].map { $0.takes && !$0.isDead && !$0.isDraining } == true ? name : nil
    }
  }

  enum Holding { case free, dead, held, outside }

  func state(_ head: Head) -> Holding {
    guard let name = head.bridge else { return .free }
    guard let bridge = bridges[name], bridge.incarnation == head.incarnation else { return .outside }
    return bridge.isDead ? .dead : .held
  }

  func join(_ settings: FleetSettings, _ incarnation: String) -> Bool {
    let former = bridges[settings.bridge]
    if let former, former.incarnation == incarnation { return !former.isDead }
    var row = Bridge(incarnation: incarnation, ttlMs: settings.ttlMs, capacity: settings.capacity)
    (row.beat, row.isDraining) = ((former?.beat ?? -1) + 1, former?.isDraining ?? false)
    bridges[settings.bridge] = row
    if let former { for id in heads.keys where heads[id]?.incarnation == former.incarnation { free(id) } }
    return true
  }

  private func free(_ id: String) {
    heads[id]?.epoch += 1
    heads[id]?.bridge = nil
    heads[id]?.incarnation = nil
  }

  func beat(_ beat: FleetBeat, _ name: String, _ incarnation: String) -> FleetAnswer {
    guard let row = bridges[name] else { return .absent }
    guard row.incarnation == incarnation else {
      return .replaced(incarnation: row.incarnation, beat: row.beat)
    }
    guard !row.isDead else { return .dead }
    bridges[name]?.beat += 1
    bridges[name]?.takes = beat.takes
    bridges[name]?.hasBroker = beat.hasBroker == true
    for (site, weight) in beat.weights where heads[site]?.incarnation == incarnation {
      sites[site]?.weight = weight
    }
    return .member(picture(name, incarnation))
  }

  private func picture(_ name: String, _ incarnation: String) -> FleetPicture {
    var picture = FleetPicture()
    picture.isDraining = bridges[name]?.isDraining ?? false
    for (id, row) in bridges.sorted(by: { $0.key < $1.key }) {
      var member = FleetMember(bridge: id, incarnation: row.incarnation, beat: row.beat)
      (member.isDead, member.takes, member.hasBroker) = (
        row.isDead, row.takes && !row.isDraining, row.hasBroker
      )
      (member.ttlMs, member.capacity) = (row.ttlMs, row.capacity)
      let held = heads.filter { $0.value.incarnation == row.incarnation && sites[$0.key]?.isEnabled == true }
      member.held = row.isDead ? 0 : held.count
      member.weight = row.isDead ? 0 : held.keys.reduce(0) { $0 + (sites[$1]?.weight ?? 0) }
      picture.members.append(member)
    }
    for (id, head) in heads.sorted(by: { $0.key < $1.key }) {
      let site = sites[id]
      let pin = site.flatMap { self.pin($0) }
      if head.bridge == name, head.incarnation == incarnation {
        let wish: FleetHolding.Wish =
          site?.isEnabled != true || (pin != nil && pin != name) ? .leave : pin == name ? .keep : .free
        picture.sites.append(
          FleetHolding(siteID: id, epoch: head.epoch, configRev: site?.configRev, wish: wish))
      }
      guard let site, site.isEnabled, [.free, .dead].contains(state(head)) else { continue }
      if pin == nil {
        picture.free += 1
        picture.freeWeight += site.weight
        picture.freeKeys.append("\(id)/\(head.epoch)")
      } else if pin == name {
        picture.freePinned += 1
      }
    }
    return picture
  }

  /// Without times: nothing is unowned for long.
  func watch(_ name: String) -> FleetWatch {
    var watch = FleetWatch()
    watch.due = heads.count { id, head in
      guard let site = sites[id], site.isEnabled, pin(site) == name else { return false }
      return state(head) == .held && head.bridge != name
    }
    return watch
  }

  func declareDead(_ other: FleetMember, _ name: String, _ incarnation: String) -> Bool {
    guard lives(name, incarnation), let row = bridges[other.bridge], !row.isDead else { return false }
    guard row.incarnation == other.incarnation, row.beat == other.beat else { return false }
    bridges[other.bridge]?.isDead = true
    return true
  }

  func claim(_ claim: FleetClaim, _ name: String, _ incarnation: String) -> [FleetGrant] {
    guard lives(name, incarnation), bridges[name]?.isDraining == false else { return [] }
    var candidates: [(id: String, site: Site, isPinned: Bool, isCurrent: Bool)] = []
    for (id, head) in heads {
      guard let site = sites[id], site.isEnabled, [.free, .dead].contains(state(head)) else { continue }
      let pin = pin(site)
      guard pin == nil || pin == name, !claim.unfit.contains(id) else { continue }
      let isCurrent = head.seq == 0 || claim.files.contains { $0.siteID == id && $0.seq == head.seq }
      candidates.append((id, site, pin != nil, isCurrent))
    }
    candidates.sort {
      ($0.isPinned ? 0 : 1, $0.isCurrent ? 0 : 1, -$0.site.weight, $0.id)
        < ($1.isPinned ? 0 : 1, $1.isCurrent ? 0 : 1, -$1.site.weight, $1.id)
    }
    var (taken, number, restores) = (0.0, Int32(0), claim.mostRestores)
    var grants: [FleetGrant] = []
    for found in candidates {
      if !found.isCurrent && restores <= 0 { continue }
      if !found.isPinned {
        if number >= claim.mostSites || taken >= claim.mostWeight { break }
        if taken + found.site.weight / 2 > claim.mostWeight { continue }
        taken += found.site.weight
        number += 1
      }
      if !found.isCurrent { restores -= 1 }
      heads[found.id]?.epoch += 1
      heads[found.id]?.bridge = name
      heads[found.id]?.incarnation = incarnation
      let head = heads[found.id] ?? Head()
      grants.append(
        FleetGrant(
          siteID: found.id, epoch: head.epoch, seq: head.seq, tip: head.seq * 7, config: "sites:",
          configRev: found.site.configRev, weight: found.site.weight, isCurrent: found.isCurrent))
    }
    return grants
  }

  func release(_ released: [(id: String, epoch: Int64)], _ incarnation: String) {
    for site in released where holds(site.id, site.epoch, incarnation) { free(site.id) }
  }

  private func holds(_ site: String, _ epoch: Int64, _ incarnation: String) -> Bool {
    heads[site].map { $0.epoch == epoch && $0.incarnation == incarnation } ?? false
  }

  func holds(site: String, _ epoch: Int64, _ name: String, _ incarnation: String) -> Bool {
    lives(name, incarnation) && holds(site, epoch, incarnation)
  }
}
