import Foundation
import Yams

/// Where the keys of a configuration stand: in which line of its file, or in which variable. Advice that names a key can
/// then say what to change.
package struct SettingPlaces: Sendable {
  private let file: String
  private let environment: [String: String]
  private var lines: [String: Int] = [:]
  /// The line of each site's id.
  private var sites: [String: Int] = [:]

  /// Never fails: a file that cannot be read, or is no YAML, has no lines. O(length of the file).
  package init(file: String, environment: [String: String]) {
    self.file = file
    self.environment = environment
    guard let yaml = try? SettingsLoader.text(of: file), let root = try? compose(yaml: yaml) else { return }
    note(root, "")
  }

  private mutating func note(_ node: Node, _ path: String) {
    guard let mapping = node.mapping else { return }
    for (key, value) in mapping {
      guard let name = key.string, let line = key.mark?.line else { continue }
      let child = path.isEmpty ? name : "\(path).\(name)"
      lines[child] = line
      if child == "sites" {
        for site in value.sequence ?? [] {
          if let id = site.mapping?["id"], let text = id.string { sites[text] = id.mark?.line }
        }
      } else {
        note(value, child)
      }
    }
  }

  /// The text with the place behind each key that it names, e.g. `check broker.url (andon.yaml:7)`. A key that is
  /// missing has the line of its section. "to sites" gets the line of that section.
  package func located(_ text: String) -> String {
    var seen: Set<String> = []
    var result = text.replacing(/[a-z]+(?:\.[a-z_]+)+/) { match in
      let path = String(match.output)
      guard let place = place(of: path), seen.insert(path).inserted else { return path }
      return "\(path) (\(place))"
    }
    if let line = lines["sites"], let range = result.range(of: "to sites") {
      result.insert(contentsOf: " (\(file):\(line))", at: range.upperBound)
    }
    return result
  }

  /// Nil for what is no key outside of sites.
  private func place(of path: String) -> String? {
    guard let key = SettingKey.named(path) else { return nil }
    if let value = environment[key.variable], !value.isEmpty { return "the variable \(key.variable)" }
    if let line = lines[path] { return "\(file):\(line)" }
    let parts = path.split(separator: ".")
    for count in (1..<parts.count).reversed() {
      let section = parts.prefix(count).joined(separator: ".")
      if let line = lines[section] { return "add it to \(section), \(file):\(line)" }
    }
    return "not in \(file) yet"
  }
}
