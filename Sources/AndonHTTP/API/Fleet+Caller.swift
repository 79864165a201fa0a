import AndonAccess
import AndonOverview

extension Fleet {
  /// What a caller may know of the overview itself: a user with `sites` learns neither how many other sites there are, nor
  /// of brokers that have none of theirs. O(sites) for such a user.
  func part(seenBy caller: Caller) -> (brokers: [BrokerState], sites: Int, bytes: Int) {
    guard caller.sites != nil else { return (brokers, sites.count, bytes) }
    let seen = sites.values.filter { caller.sees($0.key.site) }
    let own = Set(seen.map(\.key.broker))
    return (
      brokers.indices.filter(own.contains).map { brokers[$0] }, seen.count, seen.reduce(0) { $0 + $1.bytes }
    )
  }
}
