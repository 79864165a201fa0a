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
  /// Sites move from bridge to bridge: what tells whether their figures come is a topic of theirs.
  package var isFleet = false
  /// Where the list of lasting topics is kept; nil: nowhere.
  package var dataDirectory: String?

  package init() {}

  package init(_ settings: Settings) {
    enterprise = settings.enterprise
    discoveryPrefix = settings.discovery.homeAssistantPrefix
    bridgeID = settings.bridge.id
    isFleet = settings.central.mode == .fleet
    dataDirectory = settings.bridge.dataDirectory
  }

  func namespace(_ site: SiteSettings) -> UnifiedNamespace? {
    enterprise.map { UnifiedNamespace(enterprise: $0, site: site.id, layout: site.layout) }
  }

  func discovery(_ site: SiteSettings, _ topics: TopicNames) -> [HomeAssistantDiscovery.Message] {
    guard let discoveryPrefix else { return [] }
    var described = HomeAssistantDiscovery.Site(
      id: site.id, name: site.name ?? site.id, layout: site.layout, workstations: site.workstations,
      windows: site.publishedWindows, hasShifts: !site.shifts.isEmpty,
      linesWithShifts: Set(site.lineShifts.keys))
    described.targets = Set(site.targets.keys)
    return HomeAssistantDiscovery(
      prefix: discoveryPrefix, topics: topics,
      availabilityTopic: isFleet ? topics.availability(site: site.id) : topics.availability(bridge: bridgeID),
      version: AndonVersion.text, site: described
    ).messages()
  }

  /// Every topic that a change of the configuration can take away: the names of the site, of areas and lines, in the
  /// unified namespace, of discovery.
  ///
  /// - Parameter described: the messages of `discovery`.
  func lasting(
    _ site: SiteSettings, _ topics: TopicNames, described: [HomeAssistantDiscovery.Message]
  ) -> Set<String> {
    let windows = site.publishedWindows
    let figures: [(scope: KPIScope, id: String)] =
      site.layout.areas.map { (.area, $0.id) } + site.layout.lines.map { (.line, $0.id) }
    var all = Set(described.map(\.topic) + (namespace(site)?.topics(windows) ?? []))
    all.insert(topics.metaSite(site: site.id))
    for (scope, id) in figures {
      for window in windows {
        all.insert(topics.kpi(site: site.id, scope: scope.rawValue, id: id, window: window.rawValue))
      }
    }
    return all.union(site.layout.lines.map { topics.metaCalendar(site: site.id, line: $0.id) })
  }

  /// Where the lists of lasting topics are, one a site.
  static func folder(dataDirectory: String) -> URL {
    URL(fileURLWithPath: dataDirectory).appending(path: "lasting")
  }

  /// The list of a site's lasting topics.
  package static func file(dataDirectory: String, site: String) -> URL {
    folder(dataDirectory: dataDirectory).appending(path: "\(site).topics")
  }
}

extension SiteSettings {
  /// In the order of their length.
  var publishedWindows: [WindowKind] { WindowKind.allCases.filter { kpi.windows.contains($0.rawValue) } }
}
