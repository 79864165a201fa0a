/// Since when this bridge sees the others: a new one gets no sites of others before it may claim, or they would wait for it.
struct FleetNewcomers {
  private var firstSeenMs: [String: Int64] = [:]

  /// The names of the bridges that were seen for less than `lengthMs`, of those that live. What the first look shows counts
  /// as old.
  mutating func look(_ members: [FleetMember], nowMs: Int64, lengthMs: Int64) -> Set<String> {
    let isFirst = firstSeenMs.isEmpty
    var next: [String: Int64] = [:]
    var new: Set<String> = []
    for member in members where !member.isDead {
      let since = firstSeenMs[member.incarnation] ?? (isFirst ? nowMs - lengthMs : nowMs)
      next[member.incarnation] = since
      if nowMs - since < lengthMs { new.insert(member.bridge) }
    }
    firstSeenMs = next
    return new
  }
}
