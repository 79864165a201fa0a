import Yams

extension SettingsLoader {
  /// What a site of a fleet must not be.
  static func checkFleet(_ site: SiteSettings, file: String) throws {
    if !site.privacy.showsWorkers || site.privacy.minGroup > 1 {
      throw failure(
        file,
        "site \(site.id): privacy.workers: off and privacy.min_group above 1 do not go together with a fleet yet: "
          + "its database has every event, and withheld figures could be computed from them")
    }
    if site.id.hasSuffix("-pub") {
      throw failure(
        file, "site \(site.id): the id must not end with -pub: it would be the client id of another site")
    }
  }

  /// Reads a file that has only `sites:`, as a configuration has them, and finds the same mistakes. What is not said of a
  /// site is the bridge's own configuration.
  ///
  /// - Throws: `SettingsErrors`.
  package static func loadSites(file: String) throws -> [SiteText] {
    let yaml = try text(of: file)
    let settings = try parse(yaml: yaml, file: file, environment: [:])
    guard let root = try compose(yaml: yaml)?.mapping, let list = root["sites"]?.sequence else {
      throw failure(file, "must have a section sites:")
    }
    let others = root.keys.filter { $0.string != "sites" }
    guard others.isEmpty else {
      throw SettingsErrors(
        errors: others.map {
          SettingsError(
            file: file, line: $0.mark?.line, path: $0.string ?? "",
            message: "only sites: may stand in a file of sites; this is in each bridge's own configuration")
        })
    }
    for site in settings.sites { try checkFleet(site, file: file) }
    return try zip(settings.sites, list).map { site, node in
      let whole: Node = ["sites": [node]]
      return SiteText(id: site.id, yaml: try serialize(node: whole))
    }
  }
}
