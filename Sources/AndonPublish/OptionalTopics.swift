package import AndonConfiguration
import AndonCore
import AndonRuntime
package import Foundation

/// The topics that the configuration asks for beside the standard ones.
package struct OptionalTopics: Sendable {
  /// The first level of the unified namespace; nil: none.
  package var enterprise: String?
  /// The prefix of Home Assistant's discovery; nil: none.
  package var discoveryPrefix: String?
  package var bridgeID = ""
  /// Where the list of lasting topics is kept; nil: nowhere.
  package var dataDirectory: String?

  package init() {}

  package init(_ settings: Settings) {
    enterprise = settings.enterprise
    discoveryPrefix = settings.discovery.homeAssistantPrefix
    bridgeID = settings.bridge.id
    dataDirectory = settings.bridge.dataDirectory
  }

  func namespace(_ site: SiteSettings) -> UnifiedNamespace? {
    enterprise.map { UnifiedNamespace(enterprise: $0, site: site.id, layout: site.layout) }
  }

  func discovery(_ site: SiteSettings, _ topics: TopicNames) -> [HomeAssistantDiscovery.Message] {
    guard let discoveryPrefix else { return [] }
    return HomeAssistantDiscovery(
      prefix: discoveryPrefix, topics: topics, bridge: bridgeID, version: AndonVersion.text,
      site: HomeAssistantDiscovery.Site(
        id: site.id, name: site.name ?? site.id, layout: site.layout, workstations: site.workstations,
        windows: site.publishedWindows, hasShifts: !site.shifts.isEmpty,
        linesWithShifts: Set(site.lineShifts.keys))
    ).messages()
  }

  /// Every topic that a change of the configuration can take away: of areas and lines, in the unified namespace, of
  /// discovery.
  func lasting(_ site: SiteSettings, _ topics: TopicNames) -> Set<String> {
    let windows = site.publishedWindows
    var all = Set(discovery(site, topics).map(\.topic) + (namespace(site)?.topics(windows) ?? []))
    for window in windows {
      all.formUnion(
        site.layout.areas.map { topics.kpi(site: site.id, scope: "area", id: $0.id, window: window.rawValue) }
      )
      all.formUnion(
        site.layout.lines.map { topics.kpi(site: site.id, scope: "line", id: $0.id, window: window.rawValue) }
      )
    }
    return all.union(site.layout.lines.map { topics.metaCalendar(site: site.id, line: $0.id) })
  }

  /// The list of a site's lasting topics.
  package static func file(dataDirectory: String, site: String) -> URL {
    URL(fileURLWithPath: dataDirectory).appending(path: "lasting/\(site).topics")
  }
}

extension SiteSettings {
  /// In the order of their length.
  var publishedWindows: [WindowKind] { WindowKind.allCases.filter { kpi.windows.contains($0.rawValue) } }
}
