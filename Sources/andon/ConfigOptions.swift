import AndonConfiguration
import AndonCore
import AndonStore
import ArgumentParser
import Foundation

/// `--config FILE`, and loading it.
struct ConfigOptions: ParsableArguments {
  static let variable = "ANDON_CONFIG"
  static let usualFile = "/etc/andon/andon.yaml"

  @Option(
    name: .customLong("config"),
    help: ArgumentHelp(
      "The configuration file (YAML); else ANDON_CONFIG, else /etc/andon/andon.yaml.", valueName: "FILE"))
  var given: String?

  /// The file that is used.
  var config: String { given ?? Self.named ?? Self.usualFile }

  /// The file of the environment; empty counts as not set.
  private static var named: String? {
    ProcessInfo.processInfo.environment[variable].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Whether a file was named, or the usual one is there.
  static func hasFile(_ given: String?) -> Bool {
    given != nil || named != nil || FileManager.default.fileExists(atPath: usualFile)
  }

  /// Loads the file, overridden by the environment, or fails with all its mistakes, one a line.
  func load() throws -> Settings {
    guard Self.hasFile(given) else { throw ValidationError(Self.nothing) }
    let files = FileManager.default
    guard given != nil || files.fileExists(atPath: config) else {
      throw Failure("\(config): there is no such file; the variable \(Self.variable) names it")
    }
    return try Self.load(config)
  }

  /// What is said when no file was found: where it was looked for. A file of the current folder is never taken by
  /// itself, because a command could then change another plant than the one that is meant; it is only named.
  private static var nothing: String {
    let here = FileManager.default.fileExists(atPath: "andon.yaml") ? "; this folder has andon.yaml" : ""
    return "there is no configuration: no --config FILE is given, \(variable) is not set, and there is no "
      + "\(usualFile)\(here). Make one with andon init, or name it"
  }

  static func load(_ file: String) throws -> Settings {
    do {
      return try SettingsLoader.load(file: file, environment: ProcessInfo.processInfo.environment)
    } catch {
      throw Failure(ErrorWords.text(error))
    }
  }
}

extension Settings {
  /// - Throws: `Failure`, which lists the sites of the file.
  func site(_ id: String, in file: String) throws -> SiteSettings {
    if central.mode == .fleet { return try FleetSiteList(self, in: file).site(id) }
    guard let site = sites.first(where: { $0.id == id }) else {
      let known = sites.map(\.id).joined(separator: ", ")
      let near = Suggestion.text(for: id, among: sites.map(\.id))
      throw Failure("there is no site \"\(id)\" in \(file); it has: \(known)\(near)")
    }
    return site
  }

  /// One site, or all without an id: on a bridge of a fleet those that have a file there.
  func sites(only id: String?, in file: String) throws -> [SiteSettings] {
    if let id { return [try site(id, in: file)] }
    return central.mode == .fleet ? try FleetSiteList(self, in: file).sitesHere() : sites
  }
}

/// `--config FILE --site SITE`: for commands on one site's stored data.
struct SiteOptions: ParsableArguments {
  @OptionGroup var configuration: ConfigOptions

  @Option(name: .long, help: "The site, as in the configuration.")
  var site: String

  func load() throws -> (settings: Settings, site: SiteSettings) {
    let settings = try configuration.load()
    return (settings, try settings.site(site, in: configuration.config))
  }

  /// Runs the body with the site's store, opened for reading; works beside a running bridge.
  func read<Result>(_ body: (SiteSettings, SiteStore) throws -> Result) throws -> Result {
    let (settings, site) = try load()
    let path = settings.databasePath(site: site.id)
    return try Failure.onStore(path, site: site.id) {
      try body(site, SiteStore.openForReading(path: path, siteID: site.id))
    }
  }
}
