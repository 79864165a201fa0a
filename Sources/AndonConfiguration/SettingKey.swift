/// One key of the configuration, with all that the parser, the environment and the reference need.
package struct SettingKey: Sendable {
  /// The form of the value, and its bounds.
  package enum Kind: Sendable {
    case text, identifier, topic, flag
    /// A number with a unit, stored in milliseconds; a multiple of `stepMs`.
    case duration(ClosedRange<Int64>, stepMs: Int64 = 1)
    /// A fraction 0…1, stored in millionths.
    case fraction
    /// A whole number; `unit` names what it counts.
    case integer(ClosedRange<Int64>, unit: String)
    /// One of these words.
    case word([String])
    /// A list of some of these words.
    case words([String])
    /// A list of any length, in brackets; empty by default.
    case list(of: ListItem)

    /// The items of a list.
    package enum ListItem: Sendable {
      /// An address or a range like `10.0.0.0/8`.
      case address
      /// A web origin like `https://panel.example:8443`.
      case origin
      /// A host name or address without a port, like `andon.plant.example`.
      case host
    }
  }

  package var path: String
  package var kind: Kind
  /// The default as written in the file; nil when the key has none.
  package var defaultText: String?
  /// The meaning, for the reference.
  package var help: String

  package init(path: String, kind: Kind, defaultText: String? = nil, help: String) {
    self.path = path
    self.kind = kind
    self.defaultText = defaultText
    self.help = help
  }

  /// The environment variable that overrides it, e.g. `ANDON_BROKER_URL`.
  package var variable: String {
    "ANDON_" + path.uppercased().replacing(".", with: "_")
  }

  /// The first part of the path, e.g. `broker`.
  package var section: String { String(path.prefix { $0 != "." }) }

  /// The sections that a site may override.
  static let siteSections: Set<String> = [
    "ingest", "privacy", "kpi", "stops", "store", "drift", "alerts", "limits",
  ]

  /// The sections in the order of the table.
  package static let sections: [String] = all.map(\.section).reduce(into: []) { sections, section in
    if sections.last != section { sections.append(section) }
  }

  /// The keys that may stand in a section in place of this key's value: `store.retention` is a duration, or a section.
  package static func parts(of path: String) -> [SettingKey] { partsByPath[path] ?? [] }

  private static let partsByPath: [String: [SettingKey]] = Dictionary(
    grouping: all.filter {
      named(String($0.path.prefix(upTo: $0.path.lastIndex(of: ".") ?? $0.path.startIndex))) != nil
    }
  ) { String($0.path.prefix(upTo: $0.path.lastIndex(of: ".") ?? $0.path.startIndex)) }

  /// The keys of all configurations.
  static let known: [SettingKey] = all + overview

  private static let byPath = Dictionary(uniqueKeysWithValues: known.map { ($0.path, $0) })

  package static func named(_ path: String) -> SettingKey? { byPath[path] }
}

extension SettingKey.Kind {
  /// Whether YAML may write the value as a sequence.
  var isPlural: Bool {
    switch self {
    case .words, .list: true
    default: false
    }
  }
}
