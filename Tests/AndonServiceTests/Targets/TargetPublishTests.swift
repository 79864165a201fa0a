import Foundation
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonCore
@testable import AndonStore

/// A changed target publishes exactly what it changes.
@Suite(.ownThread) struct TargetPublishTests {
  private static let hourMs: Int64 = 3_600_000
  private static let plant =
    #", kpi: {windows: [hour, shift]}, shifts: [{id: early, start: "06:00", end: "14:00"}], "#
    + "areas: [{id: hall, lines: [{id: l1, workstations: [S1, S2]}]}]"
  /// 10:15.
  private let nowMs = TestSite.nowMs

  private func set(
    _ plant: PublishedSite, _ scope: TargetScope, _ id: String, fromMs: Int64, untilMs: Int64 = .max,
    _ rate: Double?
  ) throws {
    try plant.test.store.commit { transaction in
      let change = TargetChange(
        TargetSubject(scope, id), fromMs: fromMs, untilMs: untilMs,
        rate: rate.flatMap(TargetRate.init(unitsPerHour:)))
      try transaction.append(change, by: "x", isVerified: false, atMs: nowMs)
    }
  }

  private func object(_ plant: PublishedSite, _ path: String) throws -> [String: Any] {
    let text = try #require(plant.retained["r/plant-a/kpi/" + path])
    return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test func closedWindowsThatATargetChangesAndNoOthersAreCorrected() throws {
    let plant = try PublishedSite(Self.plant)
    let startMs = nowMs - nowMs % (24 * Self.hourMs) + 6 * Self.hourMs
    try plant.add(startMs + 1000)
    try plant.publish(atMs: nowMs)
    #expect(try plant.publish(atMs: nowMs).isEmpty)
    // 07:00 to 09:00 of the line: two hours, and the shift, which is open.
    try set(plant, .line, "l1", fromMs: startMs + Self.hourMs, untilMs: startMs + 3 * Self.hourMs, 100)
    #expect(
      try plant.publish(atMs: nowMs).map { $0.split(separator: " ")[0] } == ["line/l1/hour", "line/l1/hour"])
    #expect(try object(plant, "line/l1/shift")["target_units"] as? Int == 200)
    #expect(try object(plant, "line/l1/hour")["target_units"] == nil, "nothing holds in this hour")
    #expect(try object(plant, "site/plant-a/shift")["target_units"] == nil)
    #expect(try plant.publish(atMs: nowMs).isEmpty)
  }

  @Test func aWorkstationThatHadItsTargetOnlyGoesWithIt() throws {
    // Without lines: a workstation that is listed has a record of its stops.
    let plant = try PublishedSite(
      #", kpi: {windows: [hour, shift]}, shifts: [{id: early, start: "06:00", end: "14:00"}]"#,
      scalarTags: true)
    try set(plant, .workstation, "S2", fromMs: nowMs - nowMs % Self.hourMs, 60)
    try plant.publish(atMs: nowMs)
    #expect(try object(plant, "workstation/S2/hour")["gap_units"] as? Int == -15)
    #expect(plant.retained["r/plant-a/tag/workstation/S2/hour/gap_units"] == "-15")
    try set(plant, .workstation, "S2", fromMs: nowMs - nowMs % Self.hourMs, nil)
    try plant.publish(atMs: nowMs)
    #expect(plant.retained.keys.filter { $0.contains("/S2/") }.isEmpty)
  }

  /// Final figures keep a gap below zero and the labels.
  @Test func finalRecordsAreReadAsTheyWereWritten() throws {
    let window = Window(kind: .hour, startMs: 0, endMs: Self.hourMs)
    var record = KPIRecord(
      siteID: "plant-a", scope: .line, id: "l1", window: window, nowMs: Self.hourMs,
      values: [
        .init(metric: .units, scaled: 3), .init(metric: .targetUnits, scaled: 10),
        .init(metric: .gapUnits, scaled: -7), .init(metric: .pace, scaled: 3000),
      ], quality: .good)
    record.labels = TargetLabels(order: "4711", product: nil)
    let bytes = KPIRecord.encoded([record])
    let decoded = KPIRecord.decoded(bytes.span, site: "plant-a", .line, window, nowMs: Self.hourMs)
    var read = try #require(decoded)
    #expect(read[0].source == .final)
    read[0].source = nil
    #expect(read == [record])
  }
}
