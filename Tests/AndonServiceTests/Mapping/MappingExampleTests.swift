import AndonCore
import Foundation
import TestSupport
import Testing

@testable import AndonConfiguration

/// The program accepts the mappings in the documentation and in the example.
@Suite(.ownThread) struct MappingExampleTests {
  private static let project = MappedSite.samples.appending(path: "../..").standardized

  private func text(_ path: String) throws -> String {
    try String(contentsOf: Self.project.appending(path: path), encoding: .utf8)
  }

  private func load(_ mappings: String) throws -> [String] {
    try SettingsSample.load(mappings + "\nsites: [{id: plant-a, timezone: UTC}]").sites[0].mappings.map(
      \.name)
  }

  @Test func theDocumentedMappingsLoad() throws {
    let blocks = try text("docs/mapping.md").components(separatedBy: "```yaml\n").dropFirst()
    let yaml = try #require(blocks.first?.components(separatedBy: "```").first)
    #expect(try load(yaml) == ["frigate-classification", "lathe"])
  }

  @Test func theExampleLoadsWithItsMappings() throws {
    let lines = try text("config/andon.yaml").components(separatedBy: "\n")
    let start = try #require(lines.firstIndex(of: "# mappings:"))
    let block = lines[start...].prefix { $0.hasPrefix("# ") }.map { String($0.dropFirst(2)) }
    #expect(try load(block.joined(separator: "\n")) == ["frigate-events", "lathe"])
  }

  @Test func theReferenceNamesEveryKeyAndTheGuideEveryProfile() throws {
    let reference = SettingsReference.markdown()
    for key in MappingKey.all { #expect(reference.contains("| `mappings[].\(key.path)` |"), "\(key.path)") }
    let guide = try text("docs/mapping.md")
    for name in MappingProfile.names {
      #expect(guide.contains("| `\(name)` |"), "\(name)")
      #expect(MappedSite.topics.keys.contains { $0.hasPrefix(name + ".") }, "\(name) has no sample")
    }
  }
}
