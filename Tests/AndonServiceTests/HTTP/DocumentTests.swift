import Foundation
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonHTTP

/// Compares the documents and files generated from the code with those in the repository.
@Suite(.ownThread) struct DocumentTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(path: "../../..").standardized

  private func file(_ path: String) throws -> String {
    try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
  }

  @Test func theInterfaceDocumentsAreFresh() throws {
    let advice: Comment = "run make docs"
    #expect(
      try file("docs/openapi.json") == String(decoding: OpenAPIDocument.prettyBytes, as: UTF8.self), advice)
    #expect(
      try file("docs/asyncapi.json") == String(decoding: AsyncAPIDocument.prettyBytes, as: UTF8.self), advice)
    #expect(try file("docs/configuration.md") == SettingsReference.markdown(), advice)
  }

  @Test func theDashboardInTheBinaryIsThatOfTheFolder() throws {
    let folder = Self.root.appending(path: "dashboard")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(names.map { "/" + $0 } == DashboardFiles.all.map(\.path), "the build embeds dashboard/")
    for file in DashboardFiles.all {
      let isFresh = try self.file("dashboard" + file.path) == file.text
      #expect(isFresh, "the build embeds dashboard/: \(file.path)")
    }
  }

  /// Otherwise the strict content security policy, or a machine without internet, would break the page.
  @Test func theDashboardNeedsNothingFromElsewhereAndNothingInline() throws {
    for file in DashboardFiles.all {
      let isNamespace = file.text.replacing("http://www.w3.org/2000/svg", with: "")
      #expect(!isNamespace.contains("http://") && !isNamespace.contains("https://"), "\(file.path)")
      #expect(!file.text.contains("innerHTML") && !file.text.contains("eval("), "\(file.path)")
    }
    let page = try #require(DashboardFile.named("/")).text
    #expect(!page.contains("style=") && !page.contains("onclick") && !page.contains("<style"))
    #expect(
      page.ranges(of: "<script").count == 1 && page.contains("<script type=\"module\" src=\"/app.js\">"))
  }

  @Test func jsonIsWrittenForPeopleAndForMachines() {
    let value: JSONValue = ["a": [1, true], "b": .object([]), "c": ["d": "x\"y", "e": .decimal("0.5")]]
    #expect(
      String(decoding: value.bytes, as: UTF8.self) == #"{"a":[1,true],"b":{},"c":{"d":"x\"y","e":0.5}}"#)
    #expect(
      String(decoding: value.prettyBytes, as: UTF8.self)
        == "{\n  \"a\": [\n    1,\n    true\n  ],\n  \"b\": {},\n  \"c\": {\n    \"d\": \"x\\\"y\",\n    \"e\": 0.5\n  }\n}\n"
    )
  }
}
