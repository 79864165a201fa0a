import TestSupport
import Testing

@testable import AndonConfiguration

/// One case for each kind of mistake, with the whole message.
@Suite(.ownThread) struct SettingsMistakeTests {
  private func expect(_ section: String, _ message: String) {
    #expect(SettingsSample.complaint(section + "\n" + SettingsSample.site) == message)
  }

  @Test(arguments: [
    ("brocker: {}", "a.yaml:1: brocker: unknown key; did you mean broker?"),
    ("plants: []", "a.yaml:1: plants: unknown key"),
    ("broker: {urll: x}", "a.yaml:1: broker.urll: unknown key; did you mean url?"),
    ("broker:\n  tls:\n    cafile: x", "a.yaml:3: broker.tls.cafile: unknown key; did you mean ca_file?"),
    ("brocker:\n  url: x", "a.yaml:1: brocker: unknown key; did you mean broker?"),
    ("broker: {ULR: x}", "a.yaml:1: broker.ULR: unknown key; did you mean url?"),
    ("bridge: {Id: x}", "a.yaml:1: bridge.Id: unknown key; did you mean id?"),
    ("? [a]\n: b", "a.yaml:1: a key must be a plain word"),
  ])
  func unknownKeys(_ section: String, _ message: String) { expect(section, message) }

  @Test(arguments: [
    ("broker: [x]", "a.yaml:1: broker: must be a section of keys"),
    ("broker: x", "a.yaml:1: broker: must be a section of keys"),
    ("bridge: {id: [x]}", "a.yaml:1: bridge.id: must be one value, not a list"),
    ("bridge: {id: {x: y}}", "a.yaml:1: bridge.id: must be one value, not a section"),
    (
      "bridge:\n  data_dir:",
      "a.yaml:2: bridge.data_dir: must have a value; leave the key out for its default"
    ),
    (
      "bridge: {data_dir: ~}",
      "a.yaml:1: bridge.data_dir: must have a value; leave the key out for its default"
    ),
    ("bridge: {data_dir: ''}", "a.yaml:1: bridge.data_dir: must not be empty, not \"\""),
    (
      "bridge: {data_dir: \"a\\nb\"}",
      "a.yaml:1: bridge.data_dir: must be one line of at most 4096 bytes, not \"a b\""
    ),
    ("bridge: {id: 'a b'}", "a.yaml:1: bridge.id: must be 1 to 64 of [A-Za-z0-9_-], not \"a b\""),
    ("ingest: {assume_utc: yes}", "a.yaml:1: ingest.assume_utc: must be true or false, not \"yes\""),
    ("drift: {window: 1}", "a.yaml:1: drift.window: must be a whole number in 2…10000, not \"1\""),
    ("drift: {window: 100.0}", "a.yaml:1: drift.window: must be a whole number in 2…10000, not \"100.0\""),
    ("drift: {window: 0100}", "a.yaml:1: drift.window: must be a whole number in 2…10000, not \"0100\""),
    ("drift: {window: 1_000}", "a.yaml:1: drift.window: must be a whole number in 2…10000, not \"1_000\""),
    (
      "kpi: {windows: [hour, week]}",
      "a.yaml:1: kpi.windows: must be a list of some of hour, shift, day, not \"hour,week\""
    ),
    ("kpi: {windows: []}", "a.yaml:1: kpi.windows: must be a list of some of hour, shift, day, not \"\""),
    (
      "topics: {root: a/+/b}",
      "a.yaml:1: topics.root: must be levels of [A-Za-z0-9_-] with / between them, "
        + "e.g. andon/v1, not \"a/+/b\""
    ),
  ])
  func wrongTypes(_ section: String, _ message: String) { expect(section, message) }

  private static let unit = "must be a number with its unit, e.g. 250ms, 20s, 10m, 24h or 7d"

  @Test(arguments: [
    ("5", "\(unit), not \"5\" (the unit is missing)"), ("5 s", "\(unit), not \"5 s\""),
    ("5sec", "\(unit), not \"5sec\""), ("-5s", "\(unit), not \"-5s\""), ("+5s", "\(unit), not \"+5s\""),
    ("1.5s", "\(unit), not \"1.5s\""), ("5w", "\(unit), not \"5w\""), ("s", "\(unit), not \"s\""),
    ("٥s", "\(unit), not \"٥s\""), ("99ms", "must lie in 100ms…1h, not \"99ms\""),
    ("61m", "must lie in 100ms…1h, not \"61m\""),
    ("9223372036854775807d", "must lie in 100ms…1h, not \"9223372036854775807d\""),
    ("99999999999999999999s", "\(unit), not \"99999999999999999999s\""),
  ])
  func durations(_ text: String, _ message: String) {
    expect("kpi: {publish_interval: '\(text)'}", "a.yaml:1: kpi.publish_interval: \(message)")
  }

  @Test func aDurationForWholeSeconds() {
    expect(
      "broker: {keep_alive: 5500ms}",
      "a.yaml:1: broker.keep_alive: must be a multiple of 1s, not \"5500ms\"")
  }

  @Test(arguments: ["70", "1.000001", "-0.1", ".5", "1.", "0.1234567", "70%", "7e-1", "0,7", "nan", "00.5"])
  func fractions(_ text: String) {
    expect(
      "ingest: {min_confidence: '\(text)'}",
      "a.yaml:1: ingest.min_confidence: must be a fraction from 0 to 1 with at most 6 places, "
        + "e.g. 0.75, not \"\(text)\""
    )
  }

  @Test(arguments: [
    (
      "drift: {limit: 0.9}",
      "a.yaml:1: drift.clear_limit: must not be below drift.limit, which is 0.9; it is 0.78"
    ),
    (
      "drift:\n  limit: 0.5\n  clear_limit: 0.499999",
      "a.yaml:3: drift.clear_limit: must not be below drift.limit, which is 0.5; it is 0.499999"
    ),
  ])
  func theClearLimitIsNotBelowTheLimit(_ section: String, _ message: String) { expect(section, message) }

  @Test(arguments: [
    ("", "a.yaml: must have sections, at least sites:"),
    ("# nothing but words\n", "a.yaml: must have sections, at least sites:"),
    ("- a\n", "a.yaml: must have sections, at least sites:"),
    ("just words", "a.yaml: must have sections, at least sites:"),
    ("a: 1\nb: 2\na: 3\n", "a.yaml:1: \"a\" stands twice in one section"),
    ("http:\n  listen: off\n  'listen': off\n", "a.yaml:2: \"listen\" stands twice in one section"),
    ("bridge:\n  id: [\n", "a.yaml:3: this is not YAML: did not find expected node content"),
    ("bridge: {id: *nowhere}", "a.yaml:1: this is not YAML: found undefined alias"),
    ("a: 1\n---\nb: 2\n", "a.yaml:2: this is not YAML: but found another document"),
  ])
  func filesThatAreNoConfiguration(_ yaml: String, _ message: String) {
    let complaint = SettingsSample.complaint(yaml)
    #expect(complaint == message || complaint.hasPrefix(message + "\n"), "\(complaint)")
  }

  @Test func aFileMustBeThereAndReadable() {
    func complaint(_ file: String) -> String? {
      #expect(throws: SettingsErrors.self) { _ = try SettingsLoader.load(file: file, environment: [:]) }?
        .description
    }
    #expect(complaint("/nowhere/a.yaml") == "/nowhere/a.yaml: there is no such file")
    #expect(complaint("/") == "/: this file cannot be read")
  }

  @Test func allMistakesAreToldAtOnceInTheOrderOfTheFile() {
    let yaml =
      "sites:\n  - {id: p, timezone: Nowhere}\nkpi:\n  publish_interval: 5\n  x: 1\nhttp: {listen: x}"
    let error = #expect(throws: SettingsErrors.self) {
      _ = try SettingsSample.load(yaml, ["ANDON_DRIFT_WINDOW": "0"])
    }
    #expect(error?.errors.map(\.line) == [2, 4, 5, 6, nil])
    #expect(error?.description.split(separator: "\n").count == 5)
  }
}
