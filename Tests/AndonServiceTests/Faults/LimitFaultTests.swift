import AndonCore
import Foundation
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonIngest
@testable import AndonStore

/// Row 127 of docs/reliability.md: a model that is less sure than the site's limit is not drift.
@Suite(.ownThread) struct LimitFaultTests {
  private let nowMs = TestSite.nowMs

  private func fill(_ site: AlarmSite, confidence: String, fromMs: Int64) throws {
    for index in 0..<400 as Range<Int64> {
      let atMs = fromMs + index * 30_000
      site.clock.nowMs = atMs
      site.add(
        TestSite.event(
          atMs, confidence: confidence, more: #","event_id":"e\#(atMs)","model_version":"own-3""#))
      try site.commit(atMs: atMs)
    }
  }

  @Test func fault127_aLimitOfTheModelEndsItsFalsePagesAndOneOfTheCameraComesFirst() throws {
    let strict = try AlarmSite()
    try fill(strict, confidence: "0.70", fromMs: nowMs)
    #expect(try strict.pages() == ["drift/cam-01"])

    let fitted = try AlarmSite(", models: {own-3: {drift: {limit: 0.66}}}")
    try fill(fitted, confidence: "0.70", fromMs: nowMs)
    #expect(try fitted.pages().isEmpty)
    let measure = fitted.turn.engine.detector(DriftKey(cameraID: "cam-01", modelVersion: "own-3"))?
      .measure(of: .confidenceLow)
    #expect(measure?.limit == 66 && measure?.clearLimit == 69, "\(String(describing: measure))")
    try fill(fitted, confidence: "0.65", fromMs: nowMs + 400 * 30_000)
    #expect(try fitted.pages() == ["drift/cam-01"], "below its own limit it is drift")
  }

  /// The states of the old limit are made again from the samples, and the alarm that it raised is withdrawn.
  @Test func fault127_aReloadWithAnotherLimitJudgesTheStoredSamplesAgain() throws {
    let site = try AlarmSite()
    try fill(site, confidence: "0.70", fromMs: nowMs)
    let key = AlarmKey(rule: .confidenceLow, sourceID: "cam-01", modelVersion: "own-3")
    #expect(site.turn.engine.machines[key]?.isRaised == true)
    var rules = IngestRules(site: site.base.site, root: "andon/v1")
    rules.cameraLimits = ["cam-01": DriftLimits.Override(limitPpm: 680_000)]
    try site.restart(rules)
    site.add(TestSite.event(site.clock.nowMs + 1000, confidence: "0.70", more: #","model_version":"own-3""#))
    try site.commit(atMs: site.clock.nowMs + 1000)
    #expect(site.turn.engine.machines[key]?.isRaised == false)
    let limits = DriftLimits(
      DriftLimits(site.base.site).site, cameras: ["cam-01": DriftLimits.Override(limitPpm: 680_000)])
    let report = try #require(try site.store.driftReports(limits: limits).first)
    #expect(report.detector == site.turn.engine.detector(report.key))
    #expect(report.episodes.isEmpty)
  }

  @Test func fault127_driftSuggestsLimitsWithTheirFalsePages() throws {
    let site = try AlarmSite()
    try fill(site, confidence: "0.70", fromMs: nowMs)
    let config = "\(site.base.folder)/andon.yaml"
    try "bridge: {data_dir: \(site.base.folder)}\nsites: [{id: plant-a, timezone: UTC}]\n"
      .write(toFile: config, atomically: true, encoding: .utf8)
    func run(_ more: String...) throws -> String {
      try Command.run(
        AndonProcess.executable, ["drift", "--config", config, "--site", "plant-a", "--suggest"] + more)
    }
    let json = try JSONSerialization.jsonObject(with: Data(run("--json").utf8)) as? [[String: Any]]
    let key = try #require(json?.first)
    #expect((key["current"] as? [String: Any])?["false_pages"] as? Int == 1)
    let suggested = try #require(key["suggested"] as? [String: Any])
    #expect(suggested["limit"] as? Double == 0.7 && suggested["false_pages"] as? Int == 0)
    let text = try run()
    #expect(text.contains("cam-01  own-3     400"), "\(text)")
    #expect(text.contains("no limit to change"), "400 events are too few for advice")
  }

  @Test(arguments: [
    ("cameras: {a/b: {drift: {limit: 0.5}}}", "cameras.a/b"), ("cameras: {c: {drift: {limt: 0.5}}}", "limt"),
    ("models: {m: {drift: {limit: 2}}}", "models.m.drift.limit"),
    ("models: {m: {drift: {limit: 0.7, clear_limit: 0.6}}}", "models.m.drift.clear_limit"),
    ("cameras: [c]", "cameras"), ("camera_groups: [{id: plant-a, cameras: [c]}]", "camera_groups[0].id"),
    ("camera_groups: [{id: g}]", "camera_groups[0].cameras"),
    ("camera_groups: [{id: g, cameras: [c, c]}]", "camera_groups[0].cameras[1]"),
  ])
  func aMistakeIsNamed(yaml: String, path: String) throws {
    let text = "sites: [{id: plant-a, timezone: UTC, \(yaml)}]"
    do {
      _ = try SettingsLoader.parse(yaml: text, file: "a.yaml", environment: [:])
      Issue.record("\(yaml) is accepted")
    } catch { #expect("\(error)".contains(path), "\(error)") }
  }
}
