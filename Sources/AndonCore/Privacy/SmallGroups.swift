/// Withholds figures of so few workers that they are figures of persons.
///
/// A record of a workstation, line, area or site with fewer distinct workers than the limit is withheld; one without any
/// worker stays: its units and times are those of machines. What a parent's figures and all but one child's would give
/// away is withheld, too: of the children of a line, an area or the site, never exactly one is withheld while another
/// could be.
package struct SmallGroups: Sendable {
  private let limit: Int
  private let layout: SiteLayout

  /// - Parameter limit: 1 withholds nothing.
  package init(limit: Int, layout: SiteLayout) { (self.limit, self.layout) = (limit, layout) }

  private struct Key: Hashable {
    var scope: KPIScope
    var id: String
  }

  /// The records of one window of the whole site, in their order, with those marked that must not be shown. All scopes
  /// but workers must be there. O(records²) at worst, mostly O(records).
  package func withhold(_ records: [KPIRecord]) -> [KPIRecord] {
    guard limit > 1 else { return records }
    var counts: [Key: Int] = [:]
    for record in records where record.scope != .worker {
      counts[Key(scope: record.scope, id: record.id)] = record.distinctWorkers ?? 0
    }
    let withheld = complete(Set(counts.filter { 1..<limit ~= $0.value }.keys), counts)
    guard !withheld.isEmpty else { return records }
    let parents = parents(of: withheld, counts)
    return records.map { record in
      let key = Key(scope: record.scope, id: record.id)
      if withheld.contains(key) { return record.withheld }
      return record.scope != .worker && parents.contains(key) ? record.withoutStops : record
    }
  }

  /// The lines, areas and the site that one of these workstations is part of: lists of stops name the other workstations,
  /// so the sum would give this one away.
  private func parents(of withheld: Set<Key>, _ counts: [Key: Int]) -> Set<Key> {
    var parents: Set<Key> = []
    for key in withheld where key.scope == .workstation {
      parents.formUnion(counts.keys.filter { $0.scope == .site })
      guard let line = layout.line(ofWorkstation: key.id) else { continue }
      parents.insert(Key(scope: .line, id: line.id))
      if let area = layout.area(ofLine: line.id) { parents.insert(Key(scope: .area, id: area.id)) }
    }
    return parents
  }

  private func complete(_ small: Set<Key>, _ counts: [Key: Int]) -> Set<Key> {
    let families = families(counts)
    var withheld = small
    while true {
      let before = withheld.count
      for (parent, children) in families {
        if let parent, withheld.contains(parent) { withheld.formUnion(children) }
        guard children.count(where: withheld.contains) == 1 else { continue }
        let next = children.filter { !withheld.contains($0) }
          .min { (counts[$0] ?? 0, $0.id) < (counts[$1] ?? 0, $1.id) }
        if let next { withheld.insert(next) }
      }
      if withheld.count == before { return withheld }
    }
  }

  /// Each parent with those children that have workers.
  private func families(_ counts: [Key: Int]) -> [(parent: Key?, children: [Key])] {
    func withWorkers(_ keys: [Key]) -> [Key] { keys.filter { counts[$0] ?? 0 > 0 } }
    var families: [(parent: Key?, children: [Key])] = []
    for area in layout.areas {
      for line in area.lines {
        families.append(
          (
            Key(scope: .line, id: line.id),
            withWorkers(line.workstations.map { Key(scope: .workstation, id: $0) })
          ))
      }
      families.append(
        (Key(scope: .area, id: area.id), withWorkers(area.lines.map { Key(scope: .line, id: $0.id) })))
    }
    let site = counts.keys.first { $0.scope == .site }
    let free = counts.keys.filter { $0.scope == .workstation && layout.line(ofWorkstation: $0.id) == nil }
    families.append(
      (
        site,
        withWorkers(layout.areas.map { Key(scope: .area, id: $0.id) } + free.sorted { $0.id < $1.id })
      ))
    return families
  }
}
