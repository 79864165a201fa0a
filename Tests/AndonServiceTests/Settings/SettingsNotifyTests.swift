import AndonCore
import Testing

@testable import AndonConfiguration

@Suite struct SettingsNotifyTests {
  private func load(_ route: String, more: String = "") throws -> Settings {
    try SettingsLoader.parse(
      yaml: """
        notify:
          \(more)
          routes:
            - {\(route)}
        sites: [{id: plant-a, timezone: UTC}, {id: plant-b, timezone: UTC}]
        """, file: "test.yaml", environment: [:])
  }

  @Test func aRouteIsReadWithItsDefaultsAndGoesToItsSites() throws {
    let settings = try load(
      "id: mail, kind: smtp, url: 'smtps://mail.example', from: a@b.example, to: [c@d.example], "
        + "match: {site: plant-b, class: [drift], time: [{days: [fri], start: '22:00', end: '06:00'}]}, escalate_after: 15m",
      more: "heartbeat: {url_file: /switch}")
    #expect(settings.sites[0].notify.isEmpty)
    let route = try #require(settings.sites[1].notify.first)
    #expect(route.kind == .smtp && route.timeoutMs == 10_000 && !route.route.sendsResolved)
    #expect(route.route.escalateAfterMs == 900_000 && route.route.match.classes == ["drift"])
    #expect(route.route.match.times == [NotifyTime(days: [.fri], startMinute: 1320, endMinute: 360)])
    #expect(settings.heartbeat?.everyMs == 60_000 && settings.heartbeat?.url.file == "/switch")
  }

  @Test(arguments: [
    ("id: a, kind: webhook", "routes[0].url: is missing"),
    ("id: a, kind: pager, url: 'https://h'", "routes[0].kind: must be webhook, smtp or alertmanager"),
    ("id: a, kind: webhook, url: 'ftp://h/x'", "must be https://host or http://host"),
    ("id: a, kind: webhook, url: 'file:///etc/passwd'", "must be https://host or http://host"),
    ("id: a, kind: webhook, url: 'https://u:S3CRET@h/'", "must not hold a user or password"),
    ("id: a, kind: webhook, url: 'https://h', url_file: f", "only one of url and url_file"),
    (
      "id: a, kind: webhook, url: 'https://h', to: [a@b]",
      "routes[0].to: a route of kind webhook has no such key"
    ),
    (
      "id: a, kind: smtp, url: 'smtp://h', from: 'a@b', to: ['x@y>\\r\\nRCPT TO:<z@y']",
      "routes[0].to: must be a mail address"
    ),
    ("id: a, kind: smtp, url: 'smtp://h', from: 'a@b', to: []", "routes[0].to: must be a mail address"),
    ("id: a, kind: smtp, url: 'https://h', from: 'a@b', to: ['c@d']", "must be smtps://host or smtp://host"),
    ("id: a, kind: webhook, url: 'https://h', username: a", "username and password_file belong together"),
    (
      "id: a, kind: webhook, url: 'https://h', match: {priority: [low]}",
      "must be some of medium, high, urgent"
    ),
    ("id: a, kind: webhook, url: 'https://h', match: {class: [drfit]}", "must be some of drift"),
    ("id: a, kind: webhook, url: 'https://h', match: {site: [plant-c]}", "must be some of plant-a, plant-b"),
    ("id: a, kind: webhook, url: 'https://h', escalate_after: 5", "the unit is missing"),
    (
      "id: a, kind: webhook, url: 'https://h'}\n    - {id: A, kind: webhook, url: 'https://h'",
      "is there already"
    ),
  ])
  func aMistakeIsNamedWithItsPlace(route: String, words: String) {
    let errors = #expect(throws: SettingsErrors.self) { try load(route) }
    let text = "\(errors?.errors.map(\.description) ?? [])"
    #expect(text.contains(words) && text.contains("test.yaml:"), "\(text)")
    #expect(!text.contains("S3CRET"))
  }
}
