import AndonCore
import TestSupport
import Testing

@testable import AndonConfiguration

/// `mappings:` in the configuration: the result, and every mistake with its line.
@Suite(.ownThread) struct MappingSettingsTests {
  private func rules(_ mappings: String, site: String = "p") throws -> [MappingRule] {
    let settings = try SettingsSample.load(
      mappings + "\nsites: [{id: p, timezone: UTC}, {id: q, timezone: UTC}]")
    return try #require(settings.sites.first { $0.id == site }).mappings
  }

  private static let whole = """
    mappings:
      - name: press
        site: p
        topic: press/{camera}/state
        payload: json
        each: /objects
        when:
          /kind: [a, b]
          "{camera}": cam-01
          $/frame: "*"
        count_mode: delta
        fields:
          camera_id: "{camera}"
          worker_id: {from: /who, as: id, default: W0}
          workstation_id: {value: S1}
          event_type: {from: /s, map: {1: working, "0": idle}}
          confidence: [{from: /pct, as: percent}, /c]
          timestamp: {from: $/ts, unit: s_float}
    """

  @Test func everyKeyIsRead() throws {
    let rule = try #require(try rules(Self.whole).first)
    #expect(rule.name == "press" && rule.filter == "press/+/state" && rule.each?.description == "/objects")
    #expect(
      rule.conditions.map(\.description) == ["/kind is a or b", "{camera} is cam-01", "$/frame is there"])
    #expect(rule.fields[.workerID]?.map(\.description) == ["/who", "\"W0\""])
    #expect(rule.fields[.workerID]?[0].coercion == .id)
    #expect(rule.fields[.eventType]?[0].map == ["1": "working", "0": "idle"])
    #expect(rule.fields[.confidence]?.map(\.coercion) == [.percent, nil])
    #expect(
      rule.fields[.timestamp] == [
        MappingSource(.rootPointer(try #require(JSONPointer("/ts"))), unit: .secondsWithFraction)
      ])
    #expect(try rules(Self.whole, site: "q").isEmpty)
  }

  @Test func aSiteHasMappingsOfItsOwn() throws {
    let settings = try SettingsSample.load(
      "sites: [{id: p, timezone: UTC, mappings: [{profile: frigate-events}]}, {id: q, timezone: UTC}]")
    #expect(settings.sites[0].mappings.map(\.filter) == ["frigate/events"])
    #expect(settings.sites[1].mappings.isEmpty)
  }

  @Test func theSiteMayStandInTheTopic() throws {
    let yaml = """
      mappings:
        - {profile: frigate-events, topic: "{site}/frigate/events", fields: {workstation_id: "{site}"}}
      """
    #expect(try rules(yaml).map(\.filter) == ["p/frigate/events"])
    let other = try #require(try rules(yaml, site: "q").first)
    #expect(other.filter == "q/frigate/events")
    #expect(other.fields[.workstationID] == [MappingSource(.constant("q"))])
    // Fields that are not replaced come from the profile.
    #expect(other.fields[.cameraID]?.map(\.description) == ["/after/camera"])
  }

  @Test func everyProfileLoadsAlone() throws {
    for name in MappingProfile.names {
      let found = try rules("mappings: [{profile: \(name), site: p}]")
      #expect(found.map(\.name) == [name])
    }
    #expect(MappingProfile.names.count == 6)
  }

  @Test func aProfilesKeysAreReplacedOneByOne() throws {
    let rule = try #require(
      try rules(
        """
        mappings:
          - profile: frigate-classification
            name: weld
            site: p
            topic: nvr/{camera}/classification/{model}
            fields: {worker_id: {from: "{camera}", map: {press: W1}}, event_type: {from: $, map: {welding: working}}}
        """
      ).first)
    #expect(rule.name == "weld" && rule.filter == "nvr/+/classification/+" && rule.payload == .text)
    #expect(rule.fields[.workerID]?[0].map == ["press": "W1"] && rule.usesReceipt)
    #expect(rule.fields[.workstationID]?.map(\.description) == ["{camera}"])
  }

  // MARK: Mistakes

  private static let head = "mappings:\n  - name: m\n    site: p\n    topic: \"x/{camera}\"\n"
  private static let fields =
    "    fields:\n      camera_id: \"{camera}\"\n      worker_id: /w\n      workstation_id: /s\n"
    + "      event_type: /e\n      confidence: /c\n      timestamp: /t\n"

  private func complaint(_ yaml: String) -> String {
    SettingsSample.complaint(yaml + "\n" + SettingsSample.site)
  }

  @Test func theSampleIsRight() { #expect(complaint(Self.head + Self.fields) == "no error") }

  @Test(arguments: [
    ("    topik: x\n", "a.yaml:5: mappings[0].topik: unknown key; did you mean topic?"),
    ("    payload: xml\n", "a.yaml:5: mappings[0].payload: must be json or text"),
    ("    each: objects\n", "a.yaml:5: mappings[0].each: must be a JSON pointer, e.g. /objects"),
    ("    count_mode: sum\n", "a.yaml:5: mappings[0].count_mode: must be delta or total"),
    ("    count_mode: total\n", "a.yaml:7: mappings[0].fields.count: is missing: the counter's reading"),
    (
      "    when: [a]\n",
      "a.yaml:5: mappings[0].when: must be a section of sources and values, e.g. {/type: [new, end]}"
    ),
    (
      "    when: {type: new}\n",
      "a.yaml:5: mappings[0].when: must be a JSON pointer like /a/b, $/a/b from the payload's root, or text with a "
        + "capture (the topic has {camera}), not \"type\""
    ),
    ("    when: {/type: []}\n", "a.yaml:5: mappings[0].when: must be a value or a list of values"),
    ("    profile: frigate\n", "a.yaml:5: mappings[0].profile: there is no profile \"frigate\""),
  ])
  func keys(_ lines: String, _ message: String) {
    #expect(complaint(Self.head + lines + Self.fields) == message)
  }

  @Test(arguments: [
    ("worker_id: /w", "worker_di: /w", "fields.worker_di: unknown field; did you mean worker_id?"),
    (
      "worker_id: /w", "worker_id: w",
      "fields.worker_id: must be a JSON pointer like /a/b, $/a/b from the payload's root, or text with a capture "
        + "(the topic has {camera}), not \"w\"; a constant is {value: …}"
    ),
    (
      "worker_id: /w", "worker_id: \"{cam}\"",
      "fields.worker_id: must be a JSON pointer like /a/b, $/a/b from the payload's root, or text with a capture "
        + "(the topic has {camera}), not \"{cam}\"; a constant is {value: …}"
    ),
    (
      "worker_id: /w", "worker_id: {value: a b}",
      "fields.worker_id.value: must be 1 to 64 of [A-Za-z0-9_-], not \"a b\""
    ),
    ("worker_id: /w", "worker_id: {}", "fields.worker_id: must have from or value"),
    (
      "worker_id: /w", "worker_id: {from: /a, value: b}",
      "fields.worker_id.value: stands beside from: one of them is too many"
    ),
    ("worker_id: /w", "worker_id: {frm: /a}", "fields.worker_id.frm: unknown key; did you mean from?"),
    (
      "worker_id: /w", "worker_id: {from: /a, as: percent}",
      "fields.worker_id.as: percent is only for confidence"
    ),
    ("worker_id: /w", "worker_id: {from: /a, unit: ms}", "fields.worker_id.unit: is only for timestamp"),
    ("worker_id: /w", "worker_id: receipt", "fields.worker_id: receipt is only for timestamp"),
    ("worker_id: /w", "worker_id: []", "fields.worker_id: must have a source"),
    (
      "event_type: /e", "event_type: {from: /e, map: {on: busy}}",
      "fields.event_type.map: must be working, idle, absent or product_count, not \"busy\""
    ),
    (
      "event_type: /e", "event_type: {from: /e, map: x}",
      "fields.event_type.map: must be a section of values, e.g. {\"1\": working, \"0\": absent}"
    ),
    (
      "confidence: /c", "confidence: {value: 95}",
      "fields.confidence.value: must be a fraction from 0 to 1, not \"95\""
    ),
    ("confidence: /c", "confidence: {from: /c, as: id}", "fields.confidence.as: id is only for ids"),
    (
      "timestamp: /t", "timestamp: {from: /t, unit: us}",
      "fields.timestamp.unit: must be s_float or s or ms or rfc3339 or receipt"
    ),
    ("timestamp: /t", "timestamp: {value: 5}", "fields.timestamp.value: a time is no constant, not \"5\""),
    ("timestamp: /t", "count: {value: 10001}", "fields.count.value: must be 0 to 10000, not \"10001\""),
  ])
  func fieldMistakes(_ line: String, _ wrong: String, _ message: String) {
    let yaml = Self.head + Self.fields.replacing(line, with: wrong)
    let number =
      yaml.split(separator: "\n", omittingEmptySubsequences: false).firstIndex { $0.hasSuffix(wrong) } ?? 0
    let said = complaint(yaml).split(separator: "\n").map(String.init)
    #expect(said.contains("a.yaml:\(number + 1): mappings[0].\(message)"), "\(said)")
  }

  @Test(arguments: [
    "camera_id: \"{camera}\"", "worker_id: /w", "workstation_id: /s", "event_type: /e", "confidence: /c",
    "timestamp: /t",
  ])
  func aRequiredFieldIsMissing(_ line: String) {
    let name = line.prefix { $0 != ":" }
    let yaml = Self.head + Self.fields.replacing("      \(line)\n", with: "")
    #expect(complaint(yaml) == "a.yaml:6: mappings[0].fields.\(name): is missing")
  }

  @Test(arguments: [
    ("x/#/y", "# must be the last level"), ("$share/g/x", "must not begin with $"),
    ("cam-{n}/x", "a wildcard or a capture takes a whole level, not a part as in \"cam-{n}\""),
    (
      "andon/v1/p/camera/+/event",
      "must lie outside topics.root (andon/v1): that is where Andon's own topics are"
    ),
    ("#", "must lie outside topics.root (andon/v1): that is where Andon's own topics are"),
    ("+/v1/#", "must lie outside topics.root (andon/v1): that is where Andon's own topics are"),
  ])
  func topics(_ topic: String, _ message: String) {
    let yaml = (Self.head + Self.fields).replacing("x/{camera}", with: topic).replacing(
      "\"{camera}\"", with: "/cam")
    #expect(complaint(yaml) == "a.yaml:4: mappings[0].topic: \(message)")
  }

  @Test func overlappingFiltersAreAnError() {
    let yaml = """
      mappings:
        - {profile: frigate-events, site: p}
        - profile: frigate-events
          name: other
          site: p
          topic: frigate/+
      """
    #expect(
      complaint(yaml)
        == "a.yaml:6: mappings[1].topic: frigate/+ overlaps frigate/events of \"frigate-events\": messages of both "
        + "would come twice; give both the same topic and tell them apart by when")
    #expect(complaint(yaml.replacing("frigate/+", with: "frigate/events")) == "no error")
  }

  @Test func namesAndSites() {
    let twice = "mappings: [{profile: deepstream, site: p},\n {profile: deepstream, site: p}]"
    #expect(
      complaint(twice)
        == "a.yaml:2: mappings[1].name: \"deepstream\" is there already: give this one another name")
    #expect(
      complaint("mappings: [{profile: deepstream}]")
        == "a.yaml:1: mappings[0].site: must name the site, or the topic must have a level {site}")
    #expect(
      complaint("mappings: [{profile: deepstream, site: x}]").hasPrefix(
        "a.yaml:1: mappings[0].site: there is no site \"x\""))
    #expect(
      complaint("mappings: {a: b}") == "a.yaml:1: mappings: must be a list of mappings, each after a dash")
    #expect(complaint("mappings: [x]") == "a.yaml:1: mappings[0]: must be a section of keys")
    #expect(
      SettingsSample.complaint("sites: [{id: p, timezone: UTC, mappings: [{profile: deepstream, site: p}]}]")
        == "a.yaml:1: sites[0].mappings[0].site: unknown key")
  }

  @Test func aTotalNeedsATimeOfItsOwn() {
    #expect(
      complaint("mappings:\n  - profile: onvif-ej\n    site: p\n    fields: {timestamp: receipt}").hasPrefix(
        "a.yaml:4: mappings[0].count_mode: total needs the camera's own time"))
  }

  /// A mapping for all sites is parsed for each site; its mistakes are reported once.
  @Test func aMistakeIsToldOnce() {
    let yaml = "mappings: [{profile: deepstream, topic: \"{site}/d\", fields: {worker_id: w}}]\n"
    let said = SettingsSample.complaint(yaml + "sites: [{id: p, timezone: UTC}, {id: q, timezone: UTC}]")
    #expect(
      said.split(separator: "\n").count == 1 && said.hasPrefix("a.yaml:1: mappings[0].fields.worker_id: "),
      "\(said)")
  }

  @Test func aProfileWhoseCaptureIsGoneSaysSo() {
    let said = complaint(
      "mappings:\n  - profile: frigate-classification\n    site: p\n    topic: frigate/x\n")
    #expect(said.contains("a.yaml:2: mappings[0].fields.camera_id: must be a JSON pointer"), "\(said)")
  }
}
