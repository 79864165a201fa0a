import AndonCore
import Yams

extension SettingsReader {
  /// The areas and lines of a site, and the shifts of the lines that have their own.
  struct Areas {
    var layout = SiteLayout()
    /// By line.
    var shifts: [String: [ShiftSettings]] = [:]
  }

  /// Ids that were seen at a site: areas, lines, and what the lines name.
  private struct Seen {
    var areas: [String] = []
    var lines: [String] = []
    /// The line of each workstation and camera, by id in lower case: ids must differ in more than case.
    var workstations: [String: (id: String, line: String)] = [:]
    var cameras: [String: (id: String, line: String)] = [:]
  }

  /// - Parameter known: the workstations that the site lists; empty when it lists none, and any may be named.
  mutating func readAreas(_ node: Node?, path: String, workstations known: [String]) -> Areas {
    var found = Areas()
    var areas: [SiteLayout.Area] = []
    var seen = Seen()
    for (index, child) in list(node, path, of: "areas").enumerated() {
      let childPath = "\(path)[\(index)]"
      let parts = parts(of: child, childPath, among: SiteKey.all.names(below: "areas[]"))
      guard child.mapping != nil else { continue }
      let id = readID(parts["id"], in: child, "\(childPath).id")
      if let id {
        recordTwin(of: id, in: seen.areas, parts["id"], "\(childPath).id")
        seen.areas.append(id)
      }
      var area = SiteLayout.Area(id: id ?? "")
      area.name = parts["name"].flatMap { readName($0, "\(childPath).name") }
      for (index, child) in list(parts["lines"], "\(childPath).lines", of: "lines").enumerated() {
        let line = readLine(
          child, path: "\(childPath).lines[\(index)]", workstations: known, &seen, &found.shifts)
        if let line { area.lines.append(line) }
      }
      if id != nil { areas.append(area) }
    }
    found.layout = SiteLayout(areas: areas)
    return found
  }

  private mutating func readLine(
    _ node: Node, path: String, workstations known: [String], _ seen: inout Seen,
    _ shifts: inout [String: [ShiftSettings]]
  ) -> SiteLayout.Line? {
    let parts = parts(of: node, path, among: SiteKey.all.names(below: "areas[].lines[]"))
    guard node.mapping != nil else { return nil }
    let id = readID(parts["id"], in: node, "\(path).id")
    if let id {
      // KPI topics name the line alone, so its id is unique in the site, not only in its area.
      recordTwin(of: id, in: seen.lines, parts["id"], "\(path).id")
      seen.lines.append(id)
    }
    var line = SiteLayout.Line(id: id ?? "")
    line.name = parts["name"].flatMap { readName($0, "\(path).name") }
    line.workstations = readMembers(
      parts["workstations"], "\(path).workstations", of: "workstations", line: line.id, known: known,
      &seen.workstations)
    line.cameras = readMembers(
      parts["cameras"], "\(path).cameras", of: "cameras", line: line.id, known: [], &seen.cameras)
    if let child = parts["shifts"] {
      let own = readShifts(child, path: "\(path).shifts")
      if own.isEmpty, Self.isNothing(child) || child.sequence?.isEmpty == true {
        report(
          child, "\(path).shifts",
          "must name at least one shift; leave the key out for the shifts of the site")
      }
      shifts[line.id] = own.isEmpty ? nil : own
    }
    return id == nil ? nil : line
  }

  /// The workstations or cameras of a line.
  private mutating func readMembers(
    _ node: Node?, _ path: String, of what: String, line: String, known: [String],
    _ seen: inout [String: (id: String, line: String)]
  ) -> [String] {
    var members: [String] = []
    for (index, child) in list(node, path, of: what).enumerated() {
      let path = "\(path)[\(index)]"
      if Self.isNothing(child) { report(child, path, "must be the id of one of the \(what)") }
      guard let id = readID(child, in: child, path) else { continue }
      if let other = seen[id.lowercased()] {
        let place = other.line == line ? "this line" : "line \"\(other.line)\""
        report(
          child, path, "\"\(id)\" is in \(place) already" + (other.id == id ? "" : " as \"\(other.id)\""))
        continue
      }
      seen[id.lowercased()] = (id, line)
      if !known.isEmpty, !known.contains(id) {
        report(
          child, path,
          "\"\(id)\" is not among the \(what) of the site" + Suggestion.text(for: id, among: known))
      }
      members.append(id)
    }
    return members
  }
}
