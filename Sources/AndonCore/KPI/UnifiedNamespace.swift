/// The topics of the unified namespace: figures at the place of the equipment in the plant, after ISA-95.
///
/// `{enterprise}/{site}[/{area}[/{line}[/{workstation}]]]/_kpi/{window}`. No id begins with `_`, so no topic is both a
/// leaf and the parent of another one. Workers have no place in it, nor have workstations that are in no line.
public struct UnifiedNamespace: Sendable, Hashable {
  public let enterprise: String
  private let site: String
  private let layout: SiteLayout

  public init(enterprise: String, site: String, layout: SiteLayout) {
    (self.enterprise, self.site, self.layout) = (enterprise, site, layout)
  }

  /// What all its topics of the site begin with.
  public var prefix: String { "\(enterprise)/\(site)/" }

  /// Nil for what has no place in it.
  public func topic(_ scope: KPIScope, _ id: String, _ window: WindowKind) -> String? {
    let place: [String]
    switch scope {
    case .worker: return nil
    case .site: place = []
    case .area:
      guard layout.area(id) != nil else { return nil }
      place = [id]
    case .line:
      guard let area = layout.area(ofLine: id) else { return nil }
      place = [area.id, id]
    case .workstation:
      guard let line = layout.line(ofWorkstation: id), let area = layout.area(ofLine: line.id) else {
        return nil
      }
      place = [area.id, line.id, id]
    }
    return ([enterprise, site] + place + ["_kpi", window.rawValue]).joined(separator: "/")
  }

  /// Every topic that the site may have.
  public func topics(_ windows: [WindowKind]) -> [String] {
    let ids: [(KPIScope, String)] =
      [(.site, site)] + layout.areas.map { (.area, $0.id) } + layout.lines.map { (.line, $0.id) }
      + layout.lines.flatMap(\.workstations).map { (.workstation, $0) }
    return ids.flatMap { scope, id in windows.compactMap { topic(scope, id, $0) } }
  }
}
