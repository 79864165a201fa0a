import AndonCore
import Foundation
import TestSupport
import Testing

@testable import AndonIngest
@testable import AndonRuntime

/// Rows 57 and 94–96 of docs/reliability.md: the import takes everything that was exported, and reports what
/// it does not take.
@Suite(.ownThread) struct RoundTripTests {
  private static let dayMs: Int64 = 86_400_000
  private let nowMs = TestSite.nowMs

  /// Names and versions for which JSON, CSV or spreadsheets have special rules.
  private static let versions = [
    "", "yolov8-1.2.0", "a,b", "say \"hi\"", "=1+1", "'=1", "'", "''", "@x", "-1", "+1", "=\u{301}x",
    ",\u{301}x",
    "\u{FEFF}x", "Zählwerk 3", "'quoted'", ";", " leading", "trailing ", "\\", "1e5", "null",
  ]

  private func history(seed: UInt64, count: Int) -> [(event: Event, camera: String)] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { index in
      let kind = EventKind.allCases[random.below(EventKind.allCases.count)]
      let isCount = kind == .productCount
      let isUnnamed = isCount && random.below(4) == 0
      let event = Event(
        timestampMs: nowMs - Int64(random.below(60 * 86_400)) * 1000 - Int64(random.below(1000)),
        workerID: isUnnamed ? "" : "W\(random.below(4))", workstationID: "S\(random.below(3))", kind: kind,
        confidencePpm: isCount && random.below(2) == 0 ? nil : Int32(random.below(1_000_001)),
        count: isCount ? Int32(random.below(10_001)) : 0,
        eventID: random.below(3) == 0 ? "" : "-e:\(index)._",
        modelVersion: Self.versions[random.below(Self.versions.count)])
      return (event, "cam-\(random.below(3))")
    }
  }

  /// What the commands print about the events. All of it is a function of the set of events and the time.
  private func figures(_ site: CommandSite) throws -> [String] {
    let asOf = "\(nowMs)"
    let ranges = [
      ["--window", "day", "--as-of", asOf], ["--window", "shift", "--as-of", "\(nowMs - 20 * Self.dayMs)"],
      ["--from", "\(nowMs - 61 * Self.dayMs)", "--to", asOf, "--as-of", asOf],
      ["--from", "\(nowMs - 61 * Self.dayMs)", "--to", asOf, "--as-of", asOf, "--recompute"],
    ]
    var texts: [String] = []
    for scope in ["site", "worker", "workstation"] {
      for range in ranges where scope == "worker" || range.count > 4 {
        let result = try site.run(["kpi"], ["--scope", scope, "--json"] + range)
        #expect(result.exitCode == 0, "\(result.errors)")
        texts.append(result.output)
      }
    }
    return texts
  }

  @Test(arguments: [(1, "jsonl"), (2, "csv"), (3, "jsonl"), (4, "csv")] as [(UInt64, String)])
  func fault57_anExportOfOldHistoryComesInAgainWhole(seed: UInt64, format: String) throws {
    let first = try CommandSite(name: "out")
    let events = history(seed: seed, count: 700)
    try first.receive(events)
    let exported = try first.run(["export"], ["--format", format])
    #expect(exported.exitCode == 0 && exported.errors.isEmpty)

    let second = try CommandSite(name: "in")
    let file = try second.write(exported.output, to: "events.\(format)")
    let imported = try second.run(["import"], [file])
    #expect(imported.exitCode == 0, "\(imported.errors)\(imported.output)")
    #expect(
      imported.output.contains(#""rejected":0,"#) && imported.output.contains(#""rejected_by_code":{}"#))
    let again = try second.run(["export"], ["--format", "jsonl"])
    #expect(again.output == (try first.run(["export"]).output), "the same events, seed \(seed)")
    #expect(again.output.split(separator: "\n").count == Set(events.map(\.event)).count)
    #expect(try figures(second) == figures(first), "the same figures, seed \(seed)")
    // A second import: every event is a duplicate, and no other counter moves.
    let repeated = try second.run(["import"], [file])
    #expect(repeated.exitCode == 0 && repeated.output.contains(#""stored":0,"low_confidence":0,"#))
    #expect(repeated.output.contains(#""conflict":0,"#), "\(repeated.output)")
  }

  @Test func fault57_anAgeIsJudgedWhenToldAndWhatWasRejectedIsSaid() throws {
    let site = try CommandSite()
    let lines = (0..<20).map { TestSite.event(nowMs - Int64($0) * Self.dayMs) }
    let late = TestSite.event(nowMs + 3_600_000)
    let file = try site.write((lines + [late, "{]"]).joined(separator: "\n"), to: "events.jsonl")
    let result = try site.run(["import"], ["--max-age", "7d", "--as-of", "\(nowMs)", file])
    #expect(result.exitCode == 1)
    #expect(
      result.output.contains(#""rejected":14,"#)
        && result.output.contains(#""rejected_by_code":{"json":1,"too_old":12,"too_future":1}"#),
      "\(result.output)")
    #expect(
      result.errors == "Error: 14 of 22 events were rejected (1 json, 12 too_old, 1 too_future); see: "
        + "andon quarantine list --config \(site.config) --site plant-a\n")
    // Without options, only events from the future and invalid ones are rejected.
    let all = try CommandSite()
    let open = try all.run(["import"], ["--as-of", "\(nowMs)", file])
    #expect(open.output.contains(#""rejected_by_code":{"json":1,"too_future":1}"#), "\(open.output)")
  }

  @Test func fault94_aBrokenClockOfAFileIsNotTakenForHistory() throws {
    let site = try CommandSite()
    let file = try site.write(
      [Int64.min, -1, 0, Int64.max].map { TestSite.event($0) }.joined(separator: "\n"), to: "events.jsonl")
    let result = try site.run(["import"], ["--as-of", "\(nowMs)", file])
    #expect(result.exitCode == 1)
    #expect(
      result.output.contains(#""rejected_by_code":{"timestamp":1,"too_old":1,"too_future":1}"#),
      "\(result.output)")
  }

  @Test func fault94_itemsOfAnArrayEachNameTheirCamera() throws {
    let site = try CommandSite()
    func event(_ index: Int64, _ camera: String) -> String {
      TestSite.event(nowMs + index, more: #","camera_id":\#(camera)"#)
    }
    let array = "[\(event(0, #""cam-07""#)), \(event(1, "8")),\(event(2, #""\u0063am-9""#))]"
    let file = try site.write("\u{FEFF}\(array)\r\n\(event(3, #""cam-07""#))\n", to: "events.jsonl")
    let result = try site.run(["import"], ["--as-of", "\(nowMs)", file])
    #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
    let rows = try site.run(["export"], ["--format", "csv"]).output.split(separator: "\n").dropFirst()
    #expect(rows.map { $0.split(separator: ",")[1] } == ["cam-07", "8", "cam-9", "cam-07"])
  }

  @Test func fault95_aByteOrderMarkCostsNoLine() throws {
    for text in ["\u{FEFF}" + TestSite.event(nowMs), "\u{FEFF}\(csvHeader)\n\(csvRow)"] {
      let site = try CommandSite()
      let result = try site.run(
        ["import"], ["--as-of", "\(nowMs)", try site.write(text, to: "events")])
      #expect(
        result.exitCode == 0 && result.output.contains(#""stored":1,"#), "\(result.output)\(result.errors)")
    }
  }

  private var csvHeader: String { "timestamp,camera_id,worker_id,workstation_id,event_type,confidence" }
  private var csvRow: String { "2026-01-15T10:14:00Z,cam-01,W1,S1,working,0.93" }

  @Test func fault96_aRowThatIsNoEventIsCountedAndTheRestComesIn() throws {
    let site = try CommandSite()
    let rows = [
      csvRow, "2026-01-15T10:14:01Z,cam-01,W1,S1,working", csvRow + ",more", "\"x" + csvRow,
      "2026-01-15T10:14:02Z,cam-01,W1,S1,working,high", "30.02.2026,cam-01,W1,S1,working,0.9",
    ]
    let file = try site.write(([csvHeader] + rows).joined(separator: "\r\n"), to: "events.csv")
    let result = try site.run(["import"], ["--as-of", "\(nowMs)", file])
    #expect(result.exitCode == 1)
    #expect(result.output.contains(#""received":6,"stored":1,"#), "\(result.output)")
    #expect(
      result.output.contains(#""rejected_by_code":{"json":3,"schema":1,"timestamp":1}"#), "\(result.output)")
  }

  @Test(arguments: [
    "time;camera;worker", "timestamp;camera_id;worker_id;workstation_id;event_type", "Date,Shift,Units",
    "timestamp\tevent_type\tworkstation_id",
  ])
  func fault96_anotherTableIsRefusedWithWords(header: String) throws {
    let site = try CommandSite()
    let file = try site.write("\(header)\n1;2;3\n", to: "table.csv")
    let result = try site.run(["import"], [file])
    #expect(result.exitCode == 1 && result.output.isEmpty)
    #expect(result.errors.contains("\(file): its first line, \"\(header)\", is neither a JSON object"))
    #expect(result.errors.contains("timestamp, workstation_id, event_type"))
  }

  @Test func fault96_theCSVHasOneReadingForEveryText() throws {
    var random = SplitMix64(seed: 96)
    let scalars: [Unicode.Scalar] = ["=", "'", "\"", ",", "a", "\u{301}", "ü", " ", "-", "+", "@", "\t", ";"]
    for _ in 0..<2000 {
      var row: [String] = []
      for _ in 0..<1 + random.below(4) {
        var text = ""
        for _ in 0..<random.below(6) { text.unicodeScalars.append(scalars[random.below(scalars.count)]) }
        row.append(text)
      }
      let line = row.map(CSVText.cell).joined(separator: ",")
      let read = CSVText.cells(Array(line.utf8))?.map(CSVText.unguarded)
      #expect(read.map { $0.map { Array($0.utf8) } } == row.map { Array($0.utf8) }, "\(line)")
      for cell in CSVText.cells(Array(line.utf8)) ?? [] {
        #expect(!"=+-@\t".unicodeScalars.contains(cell.unicodeScalars.first ?? "x"), "\(cell)")
      }
    }
  }
}

extension SplitMix64 {
  fileprivate mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }
}
