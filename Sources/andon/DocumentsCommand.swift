import AndonConfiguration
import AndonHTTP
import ArgumentParser
import Foundation

/// `andon documents`, which `make docs` runs.
struct DocumentsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "documents", abstract: "Write the interface documents that the code itself makes.",
    examples: ["andon documents --output docs"],
    shouldDisplay: false)

  @Option(name: .long, help: "The folder to write to.") var output = "docs"

  func run() throws {
    let files: [(String, [UInt8])] = [
      ("openapi.json", OpenAPIDocument.prettyBytes), ("asyncapi.json", AsyncAPIDocument.prettyBytes),
      ("openapi-overview.json", OpenAPIDocument.prettyOverviewBytes),
      ("configuration.md", Array(SettingsReference.markdown().utf8)),
    ]
    for (name, bytes) in files {
      guard FileManager.default.createFile(atPath: "\(output)/\(name)", contents: Data(bytes)) else {
        throw Failure("\(output)/\(name) cannot be written")
      }
    }
  }
}
