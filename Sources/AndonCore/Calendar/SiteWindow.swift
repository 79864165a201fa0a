/// A window as a site uses it: what its figures are about, and when work is planned on each line.
///
/// Hours, days and ranges are those of the whole site; only planned time differs between its lines. A shift is that
/// of one calendar: of the site, or of lines with shifts of their own. Areas follow the site; what is planned in an
/// area is what its lines plan.
public struct SiteWindow: Sendable, Hashable {
  public let window: Window
  public let layout: SiteLayout
  /// Whether it has figures of the site, of areas, workers, and of workstations outside of lines.
  public let isOfSite: Bool
  /// What is planned in the window, by the place of the line in `layout.lines`; nil for a line without shifts.
  private let planned: [PlannedTime?]
  /// Whether it has figures of the line and of its workstations.
  private let isOfLine: [Bool]
  /// Those that hold in the window, clipped to it.
  public let targets: SiteTargets

  /// How far ahead planned time of a range is known.
  static let plannedAheadMs = 400 * CivilTime.millisecondsPerDay

  /// A window of the whole site; lines and workstations are planned as it is.
  public init(_ window: Window, layout: SiteLayout = SiteLayout(), targets: SiteTargets = SiteTargets()) {
    self.init(window, layout: layout, targets: targets, isOfSite: true) { _ in (window.planned, true) }
  }

  /// - Parameter ofLine: what is planned on a line, and whether the window has figures of it.
  package init(
    _ window: Window, layout: SiteLayout, targets: SiteTargets = SiteTargets(), isOfSite: Bool,
    ofLine: (Int) -> (planned: PlannedTime?, isIn: Bool)
  ) {
    let lines = layout.lines.indices.map(ofLine)
    (self.window, self.layout, self.isOfSite) = (window, layout, isOfSite)
    (planned, isOfLine) = (lines.map(\.planned), lines.map(\.isIn))
    self.targets = targets.clipped(to: window.startMs..<max(window.startMs, window.endMs))
  }

  /// The lines that it has figures of, in the order of the configuration.
  public var lines: [SiteLayout.Line] { zip(layout.lines, isOfLine).filter(\.1).map(\.0) }

  /// The areas that it has figures of.
  public var areas: [SiteLayout.Area] { isOfSite ? layout.areas : [] }

  /// What is planned on a line; nil for one without shifts.
  public func planned(onLine id: String) -> PlannedTime? {
    layout.lineIndex(id).flatMap { planned[$0] }
  }

  /// What is planned at a workstation; nil where there are no shifts. O(1).
  public func planned(at workstation: String) -> PlannedTime? {
    layout.lineIndex(ofWorkstation: workstation).map { planned[$0] } ?? window.planned
  }

  /// What is planned for what a target is set for; nil where there are no shifts.
  func planned(of subject: TargetSubject) -> PlannedTime? {
    switch subject.scope {
    case .workstation: planned(at: subject.id)
    case .line: planned(onLine: subject.id)
    case .site: window.planned
    }
  }

  /// Whether it has figures of a workstation. O(1).
  public func includes(workstation id: String) -> Bool {
    layout.lineIndex(ofWorkstation: id).map { isOfLine[$0] } ?? isOfSite
  }

  /// Windows that differ in their lines only are rare: the window alone makes a good hash.
  public func hash(into hasher: inout Hasher) { hasher.combine(window) }
}
