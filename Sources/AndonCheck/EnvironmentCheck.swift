import AndonConfiguration
import Foundation

/// Finds variables that look like settings but are none, so they have no effect.
package struct EnvironmentCheck {
  private let environment: [String: String]
  private static let prefix = "ANDON_"
  private static let known = Set(SettingKey.all.map(\.variable) + ["ANDON_BROKER_PASSWORD", "ANDON_CONFIG"])

  package init(_ environment: [String: String]) { self.environment = environment }

  /// One finding for each variable, by name; values are never shown. An error if it resembles a setting,
  /// otherwise a warning.
  package func run() -> [Finding] {
    environment.filter { $0.key.hasPrefix(Self.prefix) && !$0.value.isEmpty && !Self.known.contains($0.key) }
      .filter { !Self.isKubernetes($0.key, $0.value) }.map(\.key).sorted().map(Self.finding)
  }

  private static func finding(_ name: String) -> Finding {
    let tail = String(name.dropFirst(prefix.count))
    let names = known.map { String($0.dropFirst(prefix.count)) }.sorted()
    let text = "the variable \(name) is no setting: it changes nothing"
    if let near = Suggestion.nearest(to: tail, among: names) {
      return Finding(.error, "environment", text, advice: "did you mean \(prefix)\(near)?")
    }
    let section = tail.prefix { $0 != "_" }.lowercased()
    guard SettingKey.sections.contains(section) else {
      return Finding(
        .warning, "environment", text,
        advice: "unset it if it was meant for this program; docs/configuration.md")
    }
    let ofSection = names.filter { $0.hasPrefix(section.uppercased() + "_") }.map { prefix + $0 }
    return Finding(
      .error, "environment", text,
      advice: "the variables of \(section) are \(ofSection.joined(separator: ", "))")
  }

  /// Variables that Kubernetes sets for a Service whose name begins with andon.
  private static func isKubernetes(_ name: String, _ value: String) -> Bool {
    if name.hasSuffix("_SERVICE_HOST") || name.contains("_SERVICE_PORT") { return true }
    return ["tcp://", "udp://", "sctp://"].contains(where: value.hasPrefix)
      || name.contains("_PORT_") && ["_PROTO", "_PORT", "_ADDR"].contains(where: name.hasSuffix)
  }
}
