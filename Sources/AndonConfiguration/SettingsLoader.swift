import Foundation
import Yams

/// Reads the configuration: a YAML file, overridden by the environment. Reports all mistakes together.
package enum SettingsLoader {
  /// The largest configuration, bytes: names of a hundred thousand workers fit.
  package static let maximumBytes = 16 * 1_048_576

  /// - Throws: `SettingsErrors`.
  package static func load(file: String, environment: [String: String]) throws -> Settings {
    try parse(yaml: text(of: file), file: file, environment: environment)
  }

  /// The same for a configuration of `andon overview`.
  package static func loadOverview(file: String, environment: [String: String]) throws -> OverviewSettings {
    try parseOverview(yaml: text(of: file), file: file, environment: environment)
  }

  static func text(of file: String) throws -> String {
    guard FileManager.default.fileExists(atPath: file) else { throw failure(file, "there is no such file") }
    guard let data = FileManager.default.contents(atPath: file) else {
      throw failure(file, "this file cannot be read")
    }
    guard let yaml = String(data: data, encoding: .utf8) else {
      throw failure(file, "this is not UTF-8 text")
    }
    return yaml
  }

  /// The same for a text; `file` only appears in messages. Empty variables count as not set.
  ///
  /// - Throws: `SettingsErrors`.
  package static func parse(yaml: String, file: String, environment: [String: String]) throws -> Settings {
    try parse(yaml, file, environment, needs: "sites:") { reader, root in reader.read(root) }
  }

  /// The settings of a site of a fleet, from its document in the central database. They are the same on every bridge:
  /// nothing of the bridge's own file or environment is a default of them.
  ///
  /// - Parameter yaml: the section `sites` with one site, and sections with its defaults.
  /// - Throws: `SettingsErrors`, also for another number of sites than one.
  package static func parseSite(yaml: String, id: String, of bridge: Settings) throws -> SiteSettings {
    let file = "site \(id) of the central database"
    let frame = "topics: {root: \"\(bridge.topics.root)\"}\n"
    let parsed = try parse(yaml: frame + yaml, file: file, environment: [:])
    guard var site = parsed.sites.first, parsed.sites.count == 1, site.id == id else {
      throw failure(file, "must be the document of this one site")
    }
    try checkFleet(site, file: file)
    site.publicURL = bridge.publicURL
    return site
  }

  /// The same for a configuration of `andon overview`.
  package static func parseOverview(
    yaml: String, file: String, environment: [String: String]
  ) throws -> OverviewSettings {
    try parse(yaml, file, environment, needs: "overview:") { reader, root in reader.readOverview(root) }
  }

  private static func parse<Result>(
    _ yaml: String, _ file: String, _ environment: [String: String], needs section: String,
    _ read: (inout SettingsReader, Node) -> Result?
  ) throws -> Result {
    guard yaml.utf8.count <= maximumBytes else {
      throw failure(file, "must be at most \(maximumBytes) bytes")
    }
    let root: Node?
    do {
      root = try compose(yaml: yaml)
    } catch {
      throw SettingsErrors(errors: [SettingsError(file: file, notYAML: error)])
    }
    guard let root, root.mapping != nil else {
      throw failure(file, "must have sections, at least \(section)")
    }
    var reader = SettingsReader(file: file, environment: environment)
    let settings = read(&reader, root)
    guard reader.errors.isEmpty, let settings else {
      let (inFile, elsewhere) = (
        reader.errors.filter { $0.line != nil && $0.file == file },
        reader.errors.filter { $0.line == nil || $0.file != file }
      )
      let ordered = inFile.enumerated().sorted { left, right in
        (left.element.line ?? 0, left.offset) < (right.element.line ?? 0, right.offset)
      }
      throw SettingsErrors(errors: ordered.map(\.element) + elsewhere)
    }
    return settings
  }

  static func failure(_ file: String, _ message: String) -> SettingsErrors {
    SettingsErrors(errors: [SettingsError(file: file, line: nil, path: "", message: message)])
  }
}

extension SettingsError {
  /// The message of Yams without its excerpt of the file, which may contain a secret.
  init(file: String, notYAML error: any Error) {
    self.init(file: file, line: nil, path: "", message: "this is not YAML")
    switch error {
    case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
      YamlError.composer(_, let problem, let mark, _):
      line = mark.line
      message += ": \(problem)"
    case YamlError.reader(let problem, _, _, _): message += ": \(problem)"
    case YamlError.duplicatedKeysInMapping(let keys, let context):
      line = context.mark.line
      let quoted = keys.map { "\"\($0)\"" }.joined(separator: ", ")
      message = "\(quoted) \(keys.count == 1 ? "stands" : "stand") twice in one section"
    default: break
    }
  }
}
