import AndonConfiguration
import AndonPrivacyReport
import AndonStore
import ArgumentParser

/// `andon privacy report`
struct PrivacyReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "What is read, kept, computed and given out; the notice for workers.",
    usage: "privacy report [<options>]",
    discussion: """
      For a works council and a data protection officer. Markdown, made from the
      configuration and its users file; the notice is in English and German.
      """,
    examples: [
      "andon privacy report --config andon.yaml > report.md",
      "andon privacy report --config andon.yaml --notice de",
    ])

  @OptionGroup var options: ConfigOptions
  @Option(name: .long, help: "Only this site.") var site: String?
  @Option(name: .long, help: ArgumentHelp("Only the notice for workers: en or de.", valueName: "LANGUAGE"))
  var notice: WorkerNotice.Language?
  @Flag(name: .long, help: "Print one JSON object instead of text.") var json = false

  func validate() throws {
    if json, notice != nil { throw ValidationError("--json has the notices already: leave out --notice") }
  }

  func run() throws {
    let settings = try options.load()
    if let site { _ = try settings.site(site, in: options.config) }
    var report = try Self.report(settings)
    if let site { report.sites.removeAll { $0.siteID != site } }
    if json { return Output.writeLine(report.json()) }
    guard let notice else { return print(report.text(source: options.config)) }
    print(report.sites.map { $0.notice.text(notice) }.joined(separator: "\n\n---\n\n"))
  }

  static func report(_ settings: Settings) throws -> PrivacyReport {
    do { return try PrivacyReport.read(settings) } catch { throw Failure(ErrorWords.text(error)) }
  }
}

extension WorkerNotice.Language: ExpressibleByArgument {}
