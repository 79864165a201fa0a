import AndonCore
import Foundation
import TestSupport
import Testing

/// Times and the configuration file on the command line, by the real program.
@Suite(.ownThread) struct PointInTimeTests {
  private let folder: URL
  private var file: String { folder.path + "/andon.yaml" }

  init() throws {
    folder = try TemporaryFolder.make("times")
    try """
    bridge: {id: b1, data_dir: \(folder.path)/data}
    broker: {url: 'mqtt://127.0.0.1:1'}
    sites: [{id: plant-a, timezone: Europe/Berlin, shifts: [{id: early, start: "06:00", end: "14:00"}]}]
    """.write(toFile: file, atomically: true, encoding: .utf8)
  }

  private func andon(_ arguments: String..., environment: [String: String] = [:]) throws -> Command.Result {
    try Command.outputs(AndonProcess.executable, arguments, environment: environment)
  }

  /// The begins of the shifts of a range.
  private func shifts(_ from: String, _ to: String) throws -> [String] {
    let result = try andon(
      "calendar", "--config", file, "--site", "plant-a", "--from", from, "--to", to, "--json")
    #expect(result.exitCode == 0, "\(result)")
    let list = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [[String: Any]]
    return try #require(list).compactMap { $0["start_ms"] as? Int }.map { CivilTime.text(epochMs: Int64($0)) }
  }

  @Test func readingsAreOfTheSitesClock() throws {
    // Summer time began on 29 March 2026 at 02:00: the shift of that day begins two hours before UTC's six.
    let days = ["2026-03-28T05:00:00.000Z", "2026-03-29T04:00:00.000Z", "2026-03-30T04:00:00.000Z"]
    #expect(try shifts("2026-03-28", "2026-03-31") == days)
    #expect(try shifts("2026-03-28 06:00", "2026-03-30T06:00:01") == days)
    #expect(try shifts("2026-03-28 06:00:01", "2026-03-30 06:00") == [days[1]])
    #expect(try shifts("2026-03-28T05:00:00Z", "2026-03-29T06:00:00.001+02:00") == Array(days[0...1]))
    #expect(try shifts("1774674000000", "1774674000001") == [days[0]])
    // 02:30 was skipped: the instant of the change, 01:00 UTC.
    #expect(try shifts("2026-03-29 02:30", "2026-03-29T04:00:00.001Z") == [days[1]])
  }

  @Test func wordsAndLengthsCountFromThePresent() throws {
    #expect(try shifts("yesterday", "today").count == 1)
    #expect(try shifts("-48h", "now").count == 2)
    let last = try shifts("-2d", "today").suffix(1)
    #expect(try shifts("yesterday", "today") == Array(last))
    let today = try shifts("today", "23:59:59")
    #expect(today.count == 1)
    #expect(try shifts("06:00", "06:01") == today)
  }

  @Test(arguments: [
    "tomorrow", "25:00", "6:00", "06:60", "2026-13-01", "2026-11-30 6:00", "2026-11-30x", "-2", "-2w", "--2h",
    "",
    "2026-11-30T06:00:00+25:00",
  ])
  func whatIsNoTimeIsRefused(text: String) throws {
    let result = try andon("calendar", "--config", file, "--site", "plant-a", "--from", text, "--to", "now")
    #expect(result.exitCode == 64 && result.errors.contains("is invalid for '--from"), "\(result)")
  }

  @Test func anEmptyRangeIsRefused() throws {
    let result = try andon("calendar", "--config", file, "--site", "plant-a", "--from", "now", "--to", "-1h")
    #expect(result.exitCode == 64 && result.errors.contains("--from must lie before --to"))
  }

  @Test func theConfigurationMayBeNamedByTheEnvironment() throws {
    let words = ["calendar", "--site", "plant-a", "--from", "-1d", "--to", "now"]
    let named = try Command.outputs(AndonProcess.executable, words, environment: ["ANDON_CONFIG": file])
    #expect(named.exitCode == 0 && named.output.contains("plant-a"), "\(named)")
    let other = try Command.outputs(
      AndonProcess.executable, words + ["--config", file], environment: ["ANDON_CONFIG": "/nowhere.yaml"])
    #expect(other.exitCode == 0, "an option beats the environment")
    let none = try Command.outputs(AndonProcess.executable, words, environment: ["ANDON_CONFIG": ""])
    if !FileManager.default.fileExists(atPath: "/etc/andon/andon.yaml") {
      let places = [
        "no --config FILE is given", "ANDON_CONFIG is not set", "there is no /etc/andon/andon.yaml",
      ]
      #expect(none.exitCode == 64 && places.allSatisfy(none.errors.contains), "\(none)")
    }
    let missing = try Command.outputs(
      AndonProcess.executable, words, environment: ["ANDON_CONFIG": "/nowhere.yaml"])
    #expect(
      missing.errors
        == "Error: /nowhere.yaml: there is no such file; the variable ANDON_CONFIG names it\n", "\(missing)")
    #expect(missing.exitCode == 1)
    let option = try Command.outputs(
      AndonProcess.executable, words + ["--config", "/nowhere.yaml"], environment: ["ANDON_CONFIG": file])
    #expect(option.errors == "Error: /nowhere.yaml: there is no such file\n", "\(option)")
  }

  @Test(arguments: [
    (["chek"], "did you mean check?"), (["worker", "exprot"], "did you mean export?"),
    (["xyzzy"], "there is no command \"andon xyzzy\"\n"),
    (["quarantine", "xyzzy"], "See 'andon quarantine --help'"),
  ])
  func aMisspeltCommandIsNamed(words: [String], answer: String) throws {
    let result = try Command.outputs(AndonProcess.executable, words)
    #expect(result.exitCode == 64 && result.errors.contains(answer) && result.output.isEmpty, "\(result)")
  }
}
