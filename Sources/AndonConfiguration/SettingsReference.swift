import AndonCore

/// The configuration reference, made from the tables of the parser.
package enum SettingsReference {
  /// Markdown: one table for each section, then the keys of a site.
  package static func markdown() -> String {
    var lines = [
      "# Configuration reference", "",
      "Durations are a whole number with its unit: `ms`, `s`, `m`, `h`, `d` or `y` (365 d).",
      "Fractions have at most six places.",
      "A variable, unless empty, wins over the file; what a site sets for itself wins over both.",
      "`ANDON_BROKER_PASSWORD` holds the broker's password itself and wins over `broker.password_file`.",
    ]
    for section in SettingKey.sections {
      lines += [
        "", "## \(section)", "", "| key | value | default | variable | meaning |", "|---|---|---|---|---|",
      ]
      if SettingKey.siteSections.contains(section) {
        lines.insert(
          "\nDefaults for all sites; `sites[].\(section)` takes the same keys.", at: lines.count - 3)
      }
      lines += SettingKey.all.filter { $0.section == section }.map(row)
    }
    lines += [
      "", "## stops.reasons", "",
      "Why workstations may stand: [stops.md](stops.md). A list, at most \(StopReason.limit) reasons; `sites[].stops.reasons`",
      "takes its place at a site. No variable sets these.", "",
    ]
    lines += ReasonKey.all.table(of: "stops.reasons")
    lines +=
      ["", "## sites", "", "At least one. No variable sets these.", ""] + SiteKey.all.table(of: "sites")
    lines += [
      "", "## mappings", "",
      "Cameras that do not speak Andon's event: [mapping.md](mapping.md). A list for all sites; a site may have one of",
      "its own. No variable sets these.", "",
    ]
    lines += MappingKey.all.table(of: "mappings")
    lines += [
      "", "## notify.routes", "",
      "Where pages go outside of MQTT: [notify.md](notify.md). A list, in the order in which a page escalates. No variable",
      "sets these.", "",
    ]
    lines += NotifyKey.all.table(of: "notify.routes")
    lines += [
      "", "## overview", "",
      "Of `andon overview` only, whose configuration has these keys and the sections http and central: [overview.md](overview.md).",
      "", "| key | value | default | variable | meaning |", "|---|---|---|---|---|",
    ]
    lines += SettingKey.overview.map(row)
    lines += ["", "## overview.brokers", "", "At least one. No variable sets these.", ""]
    lines += OverviewKey.all.table(of: "overview.brokers")
    return lines.joined(separator: "\n") + "\n"
  }

  private static func row(_ key: SettingKey) -> String {
    let fallback = key.defaultText.map { "`\($0)`" } ?? "–"
    return "| `\(key.path)` | \(form(key.kind)) | \(fallback) | `\(key.variable)` | \(key.help) |"
  }

  /// The form of a value, with its bounds and unit.
  private static func form(_ kind: SettingKey.Kind) -> String {
    switch kind {
    case .text: "text"
    case .identifier: "1 to 64 of [A-Za-z0-9_-]"
    case .topic: "topic levels of [A-Za-z0-9_-]"
    case .flag: "true or false"
    case .fraction: "fraction, 0…1"
    case .duration(let range, let stepMs):
      "duration, \(SettingValue.duration(range.lowerBound))…\(SettingValue.duration(range.upperBound))"
        + (stepMs > 1 ? ", whole seconds" : "")
    case .integer(let range, let unit): "\(unit), \(range.lowerBound)…\(range.upperBound)"
    case .word(let words): words.joined(separator: ", ")
    case .words(let words): "list of some of \(words.joined(separator: ", "))"
    case .list(of: .address): "list of addresses and ranges, e.g. [10.0.0.0/8, ::1]"
    case .list(of: .origin): "list of web origins, e.g. [https://panel.example]"
    case .list(of: .host): "list of host names, e.g. [andon.plant.example]"
    }
  }
}
