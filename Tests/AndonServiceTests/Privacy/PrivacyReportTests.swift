import AndonCore
import Foundation
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonPrivacyReport

/// What a configuration says about people, and what a change of it widens.
@Suite struct PrivacyReportTests {
  private func report(_ yaml: String, users: [UserRecord]? = nil) throws -> PrivacyReport {
    let settings = try SettingsLoader.parse(
      yaml: "bridge: {id: b1}\nbroker: {url: 'mqtt://127.0.0.1'}\n" + yaml, file: "test.yaml",
      environment: [:])
    return PrivacyReport(settings, users: users)
  }

  private func site(_ yaml: String, users: [UserRecord]? = nil) throws -> SitePrivacyReport {
    try #require(try report(yaml, users: users).sites.first)
  }

  private static let plain = "sites: [{id: plant-a, timezone: UTC}]"

  /// By kind: the subjects.
  private func changes(_ old: String, _ new: String) throws -> [PrivacyDifference.Kind: Set<String>] {
    Dictionary(grouping: PrivacyDifference.all(from: try report(old), to: try report(new)), by: \.kind)
      .mapValues { Set($0.map(\.subject)) }
  }

  // MARK: The report

  @Test(arguments: ["named", "pseudonym", "off"])
  func everyFieldAndPurposeIsInTheReport(mode: String) throws {
    let site = try site("privacy: {workers: \(mode)}\n" + Self.plain)
    let fields = Set(site[.field].map(\.subject))
    #expect(
      fields.isSuperset(of: EventField.allCases.map { "\($0.name)" }) && fields.contains("all other fields"))
    #expect(Set(site[.kept].map(\.subject)).isSuperset(of: RetentionSettings.purposes.map(\.name)))
    for part in PrivacyStatement.Part.allCases {
      let subjects = site[part].map(\.subject)
      #expect(!subjects.isEmpty && Set(subjects).count == subjects.count, "\(part)")
    }
    #expect(site.statements.allSatisfy { !$0.words.isEmpty && !$0.words.contains("Optional(") })
    let topics = site[.recipient].map(\.subject)
    #expect(topics.contains("MQTT andon/v1/plant-a/camera/+/event"))
    #expect(topics.contains("MQTT andon/v1/plant-a/kpi/worker/#") == (mode != "off"))
  }

  @Test func theDocumentHasTheSameStatementsAsTextAndAsJSON() throws {
    let report = try report(
      """
      privacy: {workers: pseudonym, rotate: day, min_group: 3}
      store: {retention: {events: 30d, figures: 5y, worker_figures: 90d}}
      sparkplug: {enabled: true}
      notify: {routes: [{id: oncall, kind: webhook, url: 'https://user.example/secret-path'}]}
      sites: [{id: plant-a, timezone: UTC}, {id: plant-b, timezone: UTC, privacy: {workers: off, rotate: shift}}]
      """)
    let text = report.text(source: "test.yaml")
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(report.json())) as? [String: Any])
    let sites = try #require(object["sites"] as? [[String: Any]])
    #expect(sites.map { $0["site_id"] as? String } == ["plant-a", "plant-b"])
    for (site, own) in zip(sites, report.sites) {
      let statements = try #require(site["statements"] as? [[String: Any]])
      #expect(statements.map { $0["words"] as? String } == own.statements.map(\.words))
      for statement in own.statements {
        #expect(text.contains("- **\(statement.subject)**: \(statement.words)"))
      }
      let notices = try #require(site["notice"] as? [String: String])
      #expect(Set(notices.keys) == ["en", "de"])
      for notice in notices.values { #expect(text.contains(notice)) }
    }
    #expect(!text.contains("secret-path"), "the path of a webhook may be a secret")
    #expect(text.contains("notify oncall: https://user.example"))
    #expect(text.contains("events: single events") || text.contains("30d"))
  }

  @Test func theNoticeSaysWhatTheModeMeans() throws {
    let keep = "store: {retention: {events: 30d, figures: 5y, worker_figures: 90d, access_log: 1y}}\n"
    let named = try site(keep + Self.plain).notice
    #expect(named.text(.english).contains("Stored about you: your worker number"))
    #expect(named.text(.german).contains("Ihre Personalnummer"))
    #expect(named.text(.english).contains("single events 30 days, figures of single workers 90 days"))
    #expect(
      named.text(.german).contains("einzelne Ereignisse 30 Tage, Kennzahlen einzelner Personen 90 Tage"))
    #expect(named.text(.english).contains("5 years") && named.text(.german).contains("5 Jahre"))
    let off = try site("privacy: {workers: off}\n" + keep + Self.plain).notice
    #expect(off.text(.english).contains("not stored") && !off.text(.english).contains("90 days"))
    #expect(off.text(.german).contains("mit jeder Schicht") && !off.text(.german).contains("90 Tage"))
    for (age, words) in [("7d", "(nach 7 Tagen)"), ("1d", "(nach 1 Tag)"), ("5h", "(nach 5 Stunden)")] {
      let rotating = "privacy: {workers: pseudonym, rotate: day}\ningest: {max_age: \(age)}\n" + Self.plain
      let german = try site(rotating).notice.text(.german)
      #expect(german.contains(words), "\(age): \(german)")
    }
    let lasting = try site("privacy: {workers: pseudonym, rotate: never}\n" + Self.plain).notice
    #expect(!lasting.text(.english).contains("changes") && !lasting.text(.german).contains("wechselt"))
  }

  @Test func usersAreListedByWhatTheySeeOfPeople() throws {
    let users = [
      UserRecord(name: "anna", role: .lead, sites: ["plant-a"]), UserRecord(name: "omar", role: .operator),
      UserRecord(name: "eve", role: .lead, sites: ["plant-b"]), UserRecord(name: "wall-1", role: .viewer),
      UserRecord(name: "wall-2", role: .viewer), UserRecord(name: "root", role: .admin),
    ]
    let http = "http: {users_file: /etc/andon/users.yaml}\n"
    let named = try report(http + Self.plain, users: users)
    let statements = named.sites[0][.recipient].filter { $0.subject.hasPrefix("HTTP") }
    #expect(
      statements.map(\.subject) == ["anna", "omar", "root", "wall-1", "wall-2"].map { "HTTP user \($0)" })
    func words(_ report: PrivacyReport, _ name: String) -> String {
      report.sites[0].statements.first { $0.subject == "HTTP user \(name)" }?.words ?? ""
    }
    #expect(words(named, "anna").contains("figures and events of workers"))
    #expect(
      words(named, "omar").contains("rejected events with ids")
        && !words(named, "omar").contains("events of workers"))
    #expect(words(named, "root").contains("access log"))
    let text = named.text(source: "x")
    #expect(text.contains("HTTP users who see figures of workstations, lines, areas and the site**: 2"))
    #expect(!text.contains("wall-1"))
    let off = try report("privacy: {workers: off}\n" + http + Self.plain, users: users)
    #expect(!words(off, "anna").contains("worker") && !words(off, "anna").contains("pseudonym"))
    #expect(words(off, "omar").contains("rejected events without ids"))
  }

  // MARK: Differences

  /// Each key by itself, from a narrow value to a wide one.
  @Test(arguments: [
    ("privacy: {workers: off}", "privacy: {workers: pseudonym}", "workers"),
    ("privacy: {workers: pseudonym}", "privacy: {workers: named}", "workers"),
    ("privacy: {workers: pseudonym}", "privacy: {workers: named}", "worker_id"),
    ("privacy: {workers: pseudonym}", "privacy: {workers: named}", "all other fields"),
    (
      "privacy: {workers: pseudonym, rotate: shift}", "privacy: {workers: pseudonym, rotate: week}",
      "rotation"
    ),
    (
      "privacy: {workers: pseudonym, rotate: week}", "privacy: {workers: pseudonym, rotate: never}",
      "rotation"
    ),
    ("privacy: {min_group: 5}", "privacy: {min_group: 3}", "min_group"),
    ("privacy: {ranking: false}", "privacy: {ranking: true}", "ranking"),
    ("store: {retention: 30d}", "store: {retention: 31d}", "events"),
    (
      "store: {retention: {events: 30d, worker_figures: 60d}}",
      "store: {retention: {events: 30d, worker_figures: 90d}}",
      "worker_figures"
    ),
    ("topics: {scalar_tags: false}", "topics: {scalar_tags: true}", "MQTT andon/v1/plant-a/tag/worker/#"),
    ("sparkplug: {enabled: false}", "sparkplug: {enabled: true}", "Sparkplug B"),
    ("{}", "uns: {enterprise: acme}", "MQTT acme/#"),
    (
      "{}", "notify: {routes: [{id: oncall, kind: webhook, url: 'https://a.example/x'}]}",
      "notify oncall: https://a.example"
    ),
    (
      "notify: {routes: [{id: oncall, kind: webhook, url: 'https://a.example/x'}]}",
      "notify: {routes: [{id: oncall, kind: webhook, url: 'https://b.example/x'}]}",
      "notify oncall: https://b.example"
    ),
    (
      "{}", "central: {mode: history, url: 'postgresql://b@pg1,pg2/andon?connect_timeout=3'}",
      "central database pg1,pg2/andon"
    ),
    (
      "central: {mode: history, url: 'postgresql://b@pg/andon'}",
      "central: {mode: history, url: 'postgresql://b@pg/andon', events: true}", "central database, events"
    ),
    (
      "central: {mode: history, url: 'postgresql://b@pg/andon'}",
      "central: {mode: history, url: 'postgresql://b@pg/andon', scopes: [site, worker]}",
      "central database, figures of workers"
    ),
    (
      "central: {mode: history, url: 'postgresql://b@pg/andon', events: true, retention: 30d}",
      "central: {mode: history, url: 'postgresql://b@pg/andon', events: true, retention: 31d}",
      "central database"
    ),
    ("http: {listen: 'off'}", "http: {listen: '127.0.0.1:8080'}", "HTTP without a login"),
    (
      "http: {cors_origins: []}", "http: {cors_origins: ['https://hmi.example']}",
      "HTTP pages of https://hmi.example"
    ),
  ])
  func aChangeIsWiderInOneDirectionAndNarrowerInTheOther(narrow: String, wide: String, subject: String) throws
  {
    func yaml(_ section: String) -> String { (section == "{}" ? "" : section + "\n") + Self.plain }
    let there = try changes(yaml(narrow), yaml(wide))
    #expect(there[.wider]?.contains(subject) == true, "\(there)")
    #expect(there[.narrower]?.contains(subject) != true)
    let back = try changes(yaml(wide), yaml(narrow))
    #expect(back[.narrower]?.contains(subject) == true, "\(back)")
    #expect(back[.wider]?.contains(subject) != true)
    #expect(try changes(yaml(wide), yaml(wide)).isEmpty)
  }

  @Test func aMappingThatReadsAnotherFieldIsShown() throws {
    func yaml(_ worker: String) -> String {
      """
      mappings:
        - {name: badge, site: plant-a, topic: "badge/{c}", fields: {camera_id: "{c}", worker_id: \(worker), workstation_id: /at,
           event_type: {value: working}, confidence: {value: "1"}, timestamp: receipt}}
      sites: [{id: plant-a, timezone: UTC}]
      """
    }
    let changed = try changes(yaml("/place"), yaml("/employee/name"))
    #expect(changed == [.changed: ["mapping badge: worker_id"]])
    #expect(
      try changes(Self.plain, yaml("/badge"))[.wider]?.isSuperset(of: [
        "mapping badge: worker_id", "MQTT badge/+",
      ]) == true)
  }

  @Test func aNewSiteAndANewUserAreWider() throws {
    let two = try report("sites: [{id: plant-a, timezone: UTC}, {id: plant-b, timezone: UTC}]")
    let one = try report(Self.plain)
    #expect(
      PrivacyDifference.all(from: one, to: two).allSatisfy { $0.kind == .wider && $0.siteID == "plant-b" })
    #expect(PrivacyDifference.all(from: two, to: one).allSatisfy { $0.kind == .narrower && $0.new == nil })
    let http = "http: {users_file: /etc/andon/users.yaml}\n" + Self.plain
    let viewer = try report(http, users: [UserRecord(name: "anna", role: .viewer)])
    let lead = try report(http, users: [UserRecord(name: "anna", role: .lead)])
    let found = PrivacyDifference.all(from: viewer, to: lead)
    #expect(found.map(\.subject) == ["HTTP user anna"] && found.map(\.kind) == [.wider])
    #expect(PrivacyDifference.all(from: lead, to: viewer).map(\.kind) == [.narrower])
  }
}
