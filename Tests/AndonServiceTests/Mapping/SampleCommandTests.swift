import Foundation
import TestSupport
import Testing

@testable import AndonCheck
@testable import AndonRuntime

/// `andon check --sample` of the real program.
@Suite(.ownThread) struct SampleCommandTests {
  private func check(_ arguments: [String]) throws -> (code: Int32, output: String) {
    let output = FileManager.default.temporaryDirectory.appending(path: "andon-sample-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: output) }
    let code = try ChildProcess(AndonProcess.executable, ["check"] + arguments, output: output.path).wait()
    return (code, try String(contentsOf: output, encoding: .utf8))
  }

  private func sample(_ name: String) -> String { MappedSite.samples.appending(path: name).path }

  @Test(arguments: MappedSite.topics.sorted { $0.key < $1.key }.map { [$0.key, $0.value] })
  func showsWhatASampleOfEachProfileBecomes(_ sample: [String]) throws {
    let shown = try check(["--sample", self.sample(sample[0]), "--topic", sample[1]])
    #expect(shown.code == 0, "\(shown)")
    #expect(shown.output.contains("mapping   \(sample[0].prefix { $0 != "." })\n"))
    #expect(shown.output.contains("\nevent     {\"timestamp\":\""))
    let json = try check(["--sample", self.sample(sample[0]), "--topic", sample[1], "--json"])
    let items = try #require(
      try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]])
    #expect(json.code == 0 && items.count == 1 && items[0]["outcome"] as? String == "event")
    let fields = try #require(items[0]["fields"] as? [[String: Any]])
    #expect(fields.contains { $0["field"] as? String == "camera_id" && $0["from"] is String })
  }

  private func configuration() throws -> (folder: URL, file: String) {
    let folder = try TemporaryFolder.make("sample")
    let file = folder.appending(path: "andon.yaml")
    try """
    mappings:
      - profile: frigate-classification
        site: p
        fields: {event_type: {from: $, map: {welding: working, empty: absent}}}
    sites: [{id: p, timezone: UTC}]
    """.write(to: file, atomically: true, encoding: .utf8)
    return (folder, file.path)
  }

  @Test func saysWhyAPayloadIsRefused() throws {
    let (folder, file) = try configuration()
    let payload = folder.appending(path: "payload").path
    let arguments = ["--config", file, "--sample", payload, "--topic", "frigate/press/classification/state"]
    try "welding".write(toFile: payload, atomically: true, encoding: .utf8)
    #expect(try check(arguments).code == 0)
    try "dancing".write(toFile: payload, atomically: true, encoding: .utf8)
    let refused = try check(arguments)
    #expect(refused.code == 1)
    #expect(
      refused.output.contains("rejected  schema: event_type \"dancing\" is not in the map"), "\(refused)")
    let json = try check(arguments + ["--json"])
    #expect(
      json.code == 1 && json.output.contains(#""outcome":"rejected","code":"schema","field":"event_type""#))
  }

  @Test func ourOwnEventsAndWhatIsIgnored() throws {
    let (folder, file) = try configuration()
    let payload = folder.appending(path: "payload").path
    try TestSite.event(WallClock.system.nowMs).write(toFile: payload, atomically: true, encoding: .utf8)
    let own = try check(["--config", file, "--sample", payload, "--topic", "andon/v1/p/camera/c1/event"])
    #expect(own.code == 0 && own.output.contains("mapping   andon event"), "\(own)")
    let cat = try String(contentsOfFile: sample("frigate-events.json"), encoding: .utf8)
      .replacing("\"person\"", with: "\"cat\"")
    try cat.write(toFile: payload, atomically: true, encoding: .utf8)
    let ignored = try check(["--sample", payload, "--topic", "frigate/events"])
    #expect(
      ignored.code == 0
        && ignored.output.contains(
          "ignored   frigate-events only means messages where /after/label is person"),
      "\(ignored)")
  }

  @Test func mistakesOfTheCommandLine() throws {
    let (_, file) = try configuration()
    let nobody = try check(["--config", file, "--sample", "/dev/null", "--topic", "x/y"])
    #expect(nobody.code == 1 && nobody.output.contains("no mapping has the topic x/y"), "\(nobody)")
    #expect(try check(["--sample", "/dev/null"]).code == 64)
    #expect(try check([]).code == 64)
    #expect(try check(["--sample", "/no/such", "--topic", "frigate/events"]).code == 1)
  }

  @Test func checkKnowsTheMappings() throws {
    let (folder, file) = try configuration()
    let shown = try check(["--config", file, "--offline", "--json"])
    #expect(shown.output.contains("frigate-classification: frigate/+/classification/+"))
    #expect(shown.output.contains("takes the time of receipt"))
    #expect(shown.output.contains("ingest.state_timeout"))
    try? FileManager.default.removeItem(at: folder)
    let settings = try SettingsSample.load(
      """
      sites:
        - {id: p, timezone: UTC, mappings: [{profile: deepstream}]}
        - {id: q, timezone: UTC, mappings: [{profile: deepstream}]}
      """)
    #expect(
      MappingCheck(settings).run().contains {
        $0.level == .warning && $0.text.contains("deepstream takes the same messages as deepstream of p")
      })
    let counted = try SettingsSample.load(
      """
      sites:
        - id: p
          timezone: UTC
          mappings:
            - {profile: deepstream, fields: {timestamp: receipt, event_type: {value: product_count}}}
      """)
    #expect(
      MappingCheck(counted).run().contains { $0.level == .warning && $0.text.contains("counted twice") })
  }
}
