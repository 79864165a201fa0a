/// How the weight of the fleet is shared: what of the free sites is this bridge's part, and what it should give to others.
///
/// Every bridge computes the same from the same picture, so the bridges together move about what is necessary. Sites are
/// counted with the mean weight of their holder's sites. O((free + held) × members).
struct FleetBalance {
  /// Of the free sites.
  private(set) var share = 0.0
  /// Of the own sites.
  private(set) var surplus = 0.0
  private(set) var surplusSites = 0
  /// The part of the whole weight that fits the capacity.
  private(set) var quota = 0.0
  /// What the busiest one could be relieved by, as a part of the mean load.
  private(set) var unevenness = 0.0

  private struct Part {
    let bridge: String
    let capacity: Double
    var weight: Double
    var sites: Double
    var load: Double { weight / capacity }
    var unit: Double { sites > 0 ? weight / sites : 0 }
  }

  /// - Parameters:
  ///   - leaving: sites and weight that this bridge gives to others already.
  init(_ picture: FleetPicture, own: String, leaving: (sites: Int, weight: Double)) {
    var parts = picture.members.filter { !$0.isDead && $0.takes }.map {
      Part(bridge: $0.bridge, capacity: max($0.capacity, 1e-6), weight: $0.weight, sites: Double($0.held))
    }
    var (free, freeWeight) = (picture.free, picture.freeWeight)
    // What bridges that take nothing hold comes to the others.
    for member in picture.members where !member.isDead && !member.takes {
      free += member.held
      freeWeight += member.weight
    }
    let me = parts.firstIndex { $0.bridge == own }
    if let me {
      parts[me].sites = max(0, parts[me].sites - Double(leaving.sites))
      parts[me].weight = max(0, parts[me].weight - leaving.weight)
      free += leaving.sites
      freeWeight += leaving.weight
    }
    guard !parts.isEmpty else { return }
    let capacity = parts.reduce(0) { $0 + $1.capacity }
    let total = parts.reduce(freeWeight) { $0 + $1.weight }
    if let me { quota = total * parts[me].capacity / capacity }
    pour(free, freeWeight, into: &parts, me)
    move(&parts, me, mean: total / capacity)
  }

  private mutating func pour(_ free: Int, _ weight: Double, into parts: inout [Part], _ me: Int?) {
    guard free > 0 else { return }
    let unit = weight / Double(free)
    for _ in 0..<free {
      let lowest = Self.lowest(parts)
      parts[lowest].weight += unit
      parts[lowest].sites += 1
      if lowest == me { share += unit }
    }
  }

  private mutating func move(_ parts: inout [Part], _ me: Int?, mean: Double) {
    var left = parts.reduce(0) { $0 + $1.sites }
    while left > 0, parts.count > 1 {
      left -= 1
      let (lowest, highest) = (Self.lowest(parts), Self.highest(parts))
      let unit = parts[highest].unit
      let gain = parts[highest].load - (parts[lowest].weight + unit) / parts[lowest].capacity
      guard unit > 0, gain > mean * 1e-9 else { return }
      unevenness = max(unevenness, gain / mean)
      parts[highest].weight -= unit
      parts[highest].sites -= 1
      parts[lowest].weight += unit
      parts[lowest].sites += 1
      if highest == me {
        surplus += unit
        surplusSites += 1
      }
    }
  }

  private static func lowest(_ parts: [Part]) -> Int {
    var best = 0
    for index in parts.indices.dropFirst() where parts[index].load < parts[best].load - 1e-9 { best = index }
    return best
  }

  private static func highest(_ parts: [Part]) -> Int {
    var best = 0
    for index in parts.indices.dropFirst() where parts[index].load > parts[best].load + 1e-9 { best = index }
    return best
  }
}
