import AndonStatus
import AndonStore

/// How many events each site got since the last look.
struct FleetRates {
  private var before: [String: Int64] = [:]

  mutating func events(_ sites: [SiteStatus]) -> [String: Int64] {
    var fresh: [String: Int64] = [:]
    var now: [String: Int64] = [:]
    for site in sites {
      now[site.siteID] = site.counters.received
      // A site that has just come has the counts of all its life.
      if let known = before[site.siteID] { fresh[site.siteID] = max(0, site.counters.received - known) }
    }
    before = now
    return fresh
  }
}
