/// Which of the other bridges stand still, by this bridge's own observation: no clock of another machine counts.
///
/// Only time in which this bridge looked counts: after a pause, of the server or of this machine, all begin again.
struct FleetObserver {
  private struct Sight {
    var incarnation: String
    var beat: Int64
    var sinceMs: Int64
  }

  private var sights: [String: Sight] = [:]
  private var lookedAtMs: Int64?

  /// - Parameter pauseMs: longer than this between two looks is a pause.
  /// - Returns: the living whose beat has not changed for their `ttlMs`.
  mutating func look(
    _ members: [FleetMember], except own: String, nowMs: Int64, pauseMs: Int64
  ) -> [FleetMember] {
    if let lookedAtMs, nowMs - lookedAtMs > pauseMs || nowMs < lookedAtMs { sights = [:] }
    lookedAtMs = nowMs
    var silent: [FleetMember] = []
    var next: [String: Sight] = [:]
    for member in members where member.bridge != own && !member.isDead {
      var sight = Sight(incarnation: member.incarnation, beat: member.beat, sinceMs: nowMs)
      if let old = sights[member.bridge], old.incarnation == sight.incarnation, old.beat == sight.beat {
        sight = old
      }
      next[member.bridge] = sight
      if nowMs - sight.sinceMs >= member.ttlMs { silent.append(member) }
    }
    sights = next
    return silent
  }
}
