import AndonRuntime

extension PrivacyReport {
  /// The report for people: Markdown, to be read and printed as it is.
  ///
  /// - Parameter source: the configuration file, for the heading.
  package func text(source: String) -> String {
    var lines = [
      "# Privacy report of the bridge \(bridgeID)", "",
      "Made by Andon \(AndonVersion.text) from \(source). It says what this configuration reads, keeps, computes and",
      "gives out. The broker's rules, file rights and what people agree on are not in it.", "",
      "## Intended purpose", "",
    ]
    lines += PrivacyPurpose.intended.map { "- \($0)" } + ["", "Not intended for:", ""]
    lines += PrivacyPurpose.notIntended.map { "- \($0)" }
    for site in sites { lines += [""] + site.lines }
    return lines.joined(separator: "\n")
  }
}

extension SitePrivacyReport {
  fileprivate var lines: [String] {
    var lines = ["## Site \(siteID)"]
    for part in PrivacyStatement.Part.allCases {
      lines += ["", "### \(part.title)", ""] + Self.list(self[part])
    }
    let titles: [(WorkerNotice.Language, String)] = [
      (.english, "Notice for workers (English)"), (.german, "Aushang für Beschäftigte (Deutsch)"),
    ]
    for (language, title) in titles { lines += ["", "### \(title)", "", notice.text(language)] }
    return lines
  }

  /// One line a statement; those of a group become one line with their number.
  private static func list(_ statements: [PrivacyStatement]) -> [String] {
    var lines = statements.filter { $0.group == nil }.map { "- **\($0.subject)**: \($0.words)" }
    let groups = Dictionary(grouping: statements.filter { $0.group != nil }) { $0.group ?? "" }
    lines += groups.sorted { $0.key < $1.key }.map { "- **\($0.key)**: \($0.value.count)" }
    return lines.isEmpty ? ["- nothing"] : lines
  }
}
