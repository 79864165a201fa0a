/// One key of the configuration: all that the parser, the environment and the reference need to know of it.
package struct SettingKey: Sendable {
  /// How the value is written, and its bounds.
  package enum Kind: Sendable {
    case text, identifier, topic, flag
    /// A number with a unit, kept in milliseconds; a multiple of `stepMs`.
    case duration(ClosedRange<Int64>, stepMs: Int64 = 1)
    /// A fraction 0…1, kept in millionths.
    case fraction
    /// A whole number of what `unit` says.
    case integer(ClosedRange<Int64>, unit: String)
    /// Some of these words.
    case words([String])
    /// Any number of what `of` says, in brackets; none by default.
    case list(of: ListItem)

    /// What a list holds.
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
  /// As it would be written; nil when the key may be absent.
  package var defaultText: String?
  /// What it means, in plain words, for the reference.
  package var help: String

  package init(path: String, kind: Kind, defaultText: String? = nil, help: String) {
    self.path = path
    self.kind = kind
    self.defaultText = defaultText
    self.help = help
  }

  /// The variable that overrides it, e.g. `ANDON_BROKER_URL`.
  package var variable: String {
    "ANDON_" + path.uppercased().replacing(".", with: "_")
  }

  /// The first part of the path, e.g. `broker`.
  package var section: String { String(path.prefix { $0 != "." }) }

  /// The sections that a site may deviate in.
  static let siteSections: Set<String> = ["ingest", "kpi", "store", "drift", "alerts", "limits"]

  /// The sections in the order of the table.
  package static let sections: [String] = all.map(\.section).reduce(into: []) { sections, section in
    if sections.last != section { sections.append(section) }
  }

  private static let byPath = Dictionary(uniqueKeysWithValues: all.map { ($0.path, $0) })

  package static func named(_ path: String) -> SettingKey? { byPath[path] }
}

extension SettingKey.Kind {
  /// Whether YAML may write it as a sequence.
  var isPlural: Bool {
    switch self {
    case .words, .list: true
    default: false
    }
  }
}
