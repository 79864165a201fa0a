import AndonPrivacyReport
import ArgumentParser

/// `andon privacy diff`
struct PrivacyDiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "What a new configuration widens, changes and narrows for people.",
    discussion: """
      Wider: more is known, kept or shown, or somebody else receives it.
      With --exit-code the status is 2 when something is wider, for a check before
      a change is installed.
      """,
    examples: [
      "andon privacy diff andon.yaml andon.new.yaml",
      "andon privacy diff andon.yaml andon.new.yaml --exit-code",
    ])

  @Argument(help: "The configuration that is agreed on.") var old: String
  @Argument(help: "The configuration that shall replace it.") var new: String
  @Flag(name: .long, help: "Exit with 2 when something is wider.") var exitCode = false
  @Flag(name: .long, help: "Print JSON, one object a line, instead of text.") var json = false

  func run() throws {
    let found = PrivacyDifference.all(
      from: try PrivacyReportCommand.report(try ConfigOptions.load(old)),
      to: try PrivacyReportCommand.report(try ConfigOptions.load(new)))
    if json {
      for difference in found { Output.writeLine(difference.json()) }
    } else {
      print(Self.text(found))
    }
    if exitCode, found.contains(where: { $0.kind == .wider }) { throw ExitCode(2) }
  }

  private static func text(_ found: [PrivacyDifference]) -> String {
    guard !found.isEmpty else { return "nothing changes for people" }
    var lines: [String] = []
    var site: String?
    for difference in found {
      if difference.siteID != site {
        if site != nil { lines.append("") }
        lines.append("site \(difference.siteID)")
        site = difference.siteID
      }
      lines.append(
        "  \(difference.kind.rawValue.uppercased()) \(difference.part.title): \(difference.subject)")
      lines.append("    old: \(difference.old ?? "–")")
      lines.append("    new: \(difference.new ?? "–")")
    }
    let wider = found.count { $0.kind == .wider }
    lines += [
      "",
      "\(wider) wider, \(found.count { $0.kind == .changed }) changed, \(found.count { $0.kind == .narrower }) narrower",
    ]
    return lines.joined(separator: "\n")
  }
}
