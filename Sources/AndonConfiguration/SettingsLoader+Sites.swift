import Yams

extension SettingsLoader {
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
    return try zip(settings.sites, list).map { site, node in
      let whole: Node = ["sites": [node]]
      return SiteText(id: site.id, yaml: try serialize(node: whole))
    }
  }
}
