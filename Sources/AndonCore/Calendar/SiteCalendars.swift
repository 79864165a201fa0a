/// The calendars of a site: its own and those of its lines.
///
/// A line follows the site unless it has shifts of its own, or dates of it were changed by command. Lines that plan
/// alike share a calendar.
public struct SiteCalendars: Sendable {
  private struct Plan: Sendable {
    var calendar: SiteCalendar
    /// Places in `layout.lines`.
    var lines: Set<Int>
  }

  public let layout: SiteLayout
  /// Without the changes by command.
  private let configured: SiteCalendar
  private let lineShifts: [String: [ShiftDefinition]]
  private let configuredTargets: SiteTargets
  /// With the changes by command.
  public private(set) var targets: SiteTargets
  /// The first is the site's, also without lines.
  private var plans: [Plan]
  /// By place of the line, its place in `plans`.
  private var planOfLine: [Int]

  /// - Parameter lineShifts: by line, for those with shifts of their own.
  public init(
    site: SiteCalendar, layout: SiteLayout = SiteLayout(), lineShifts: [String: [ShiftDefinition]] = [:],
    targets: SiteTargets = SiteTargets()
  ) {
    (configured, self.layout, self.lineShifts) = (site, layout, lineShifts)
    (configuredTargets, self.targets) = (targets, targets)
    (plans, planOfLine) = ([], [])
    apply([])
  }

  /// The same with changes by command, in the order in which they were made.
  public func changed(by changes: [CalendarChange]) -> SiteCalendars {
    var calendars = self
    calendars.apply(changes)
    return calendars
  }

  /// The same with all that was changed by command.
  public func changed(by changes: PlanChanges) -> SiteCalendars {
    var calendars = changed(by: changes.calendar)
    calendars.targets = configuredTargets.changed(by: changes.targets)
    return calendars
  }

  private mutating func apply(_ changes: [CalendarChange]) {
    let ofSite = changes.filter { $0.line == nil }
    let isLineChanged = ofSite.count < changes.count
    plans = [Plan(calendar: configured.changed(by: ofSite), lines: [])]
    planOfLine = layout.lines.enumerated().map { place, line in
      var calendar = plans[0].calendar
      let shifts = lineShifts[line.id]
      if shifts != nil || isLineChanged {
        calendar = (shifts.map(configured.replacingShifts) ?? configured)
          .changed(by: isLineChanged ? Self.changes(changes, ofLine: line.id) : ofSite)
      }
      let plan = plans.firstIndex { $0.calendar.plansLike(calendar) } ?? plans.count
      if plan == plans.count { plans.append(Plan(calendar: calendar, lines: [])) }
      plans[plan].lines.insert(place)
      return plan
    }
  }

  /// The changes that hold for a line. What a `clear` took back is left out, so that the line follows the site again.
  private static func changes(_ all: [CalendarChange], ofLine id: String) -> [CalendarChange] {
    var kept: [CalendarChange] = []
    for change in all where change.line == nil || change.line == id {
      if case .clear = change.action {
        kept.removeAll {
          $0.line != nil && change.dates.contains($0.dates.lowerBound)
            && change.dates.contains($0.dates.upperBound)
        }
        let isOver =
          change.line != nil && !kept.contains { $0.line != nil && $0.dates.overlaps(change.dates) }
        if isOver { continue }
      }
      kept.append(change)
    }
    return kept
  }

  // MARK: Calendars

  /// Of the site, its areas and workers, and of workstations outside of lines.
  public var site: SiteCalendar { plans[0].calendar }

  /// Nil for an unknown line.
  public func calendar(ofLine id: String) -> SiteCalendar? {
    layout.lineIndex(id).map { plans[planOfLine[$0]].calendar }
  }

  public func calendar(ofWorkstation id: String) -> SiteCalendar {
    layout.lineIndex(ofWorkstation: id).map { plans[planOfLine[$0]].calendar } ?? site
  }

  /// Each calendar with the lines that follow it; the first is the site's.
  public var all: [(calendar: SiteCalendar, lines: [SiteLayout.Line])] {
    plans.map { plan in (plan.calendar, plan.lines.sorted().map { layout.lines[$0] }) }
  }

  /// The lines that do not follow the calendar of the site.
  public var linesOnTheirOwn: [SiteLayout.Line] {
    zip(layout.lines, planOfLine).filter { $0.1 > 0 }.map(\.0)
  }

  public var hasShifts: Bool { plans.contains { $0.calendar.hasShifts } }

  /// The ids of all shifts, of the site first, each once.
  public var shiftIDs: [String] {
    var seen: Set<String> = []
    return plans.flatMap(\.calendar.shiftIDs).filter { seen.insert($0).inserted }
  }

  // MARK: Windows

  /// The windows of this kind that contain the instant: one, or for shifts at most one of each calendar.
  public func windows(_ kind: WindowKind, containing ms: Int64) -> [SiteWindow] {
    guard kind == .shift else { return site.window(kind, containing: ms).map { [whole($0)] } ?? [] }
    return plans.indices.compactMap { plan in
      plans[plan].calendar.window(.shift, containing: ms).map { shift($0, of: plan) }
    }
  }

  /// By calendar, the windows of this kind whose end lies in `(fromMs, toMs]`, in order of time. Hours and days are
  /// those of the site.
  public func windows(_ kind: WindowKind, endingAfter fromMs: Int64, upTo toMs: Int64) -> [[SiteWindow]] {
    guard kind == .shift else { return [wholes(site.windows(kind, endingAfter: fromMs, upTo: toMs))] }
    return plans.indices.map { plan in
      plans[plan].calendar.windows(.shift, endingAfter: fromMs, upTo: toMs).map { shift($0, of: plan) }
    }
  }

  /// A window over any range; only its planned time before `untilMs` is computed, and that of 400 days more for a site
  /// with targets, whose forecasts need it.
  public func window(fromMs: Int64, toMs: Int64, untilMs: Int64) -> SiteWindow {
    let untilMs = targets.isEmpty ? untilMs : untilMs + SiteWindow.plannedAheadMs
    let window = site.window(fromMs: fromMs, toMs: toMs, untilMs: untilMs)
    let range = fromMs..<max(fromMs, min(toMs, untilMs))
    return whole(window, planned: plans.dropFirst().map { $0.calendar.planned(in: range) })
  }

  /// A window of the site's wall clock with all lines.
  public func whole(_ window: Window) -> SiteWindow {
    let range = window.startMs..<window.endMs
    return whole(window, planned: plans.dropFirst().map { $0.calendar.planned(in: range) })
  }

  /// The shift of one calendar that would begin at an instant, but does not; nil when one does.
  ///
  /// - Parameters:
  ///   - place: of the calendar in `all`.
  ///   - isOfSite: whether it is about the site, too, if the calendar is the site's.
  ///   - lines: what it is about, as far as they follow the calendar.
  public func withdrawnShift(
    startMs: Int64, ofCalendar place: Int, isOfSite: Bool = true, lines: Set<String>
  ) -> SiteWindow? {
    let (calendar, isOfSite) = (plans[place].calendar, isOfSite && place == 0)
    let followers = plans[place].lines.filter { lines.contains(layout.lines[$0].id) }
    guard isOfSite || !followers.isEmpty, calendar.shifts(beginningIn: startMs..<startMs + 1).isEmpty,
      let window = calendar.withdrawnShift(startMs: startMs)
    else { return nil }
    return shift(window, of: place, isOfSite: isOfSite, followers: followers)
  }

  /// Windows in order of time; planned time is looked for once.
  private func wholes(_ windows: [Window]) -> [SiteWindow] {
    guard let first = windows.first, let last = windows.last else { return [] }
    let planned = plans.dropFirst().map { $0.calendar.planned(in: first.startMs..<last.endMs) }
    return windows.map { window in
      whole(window, planned: planned.map { $0?.clipped(to: window.startMs..<window.endMs) })
    }
  }

  /// - Parameter planned: by calendar, without the site's.
  private func whole(_ window: Window, planned: [PlannedTime?]) -> SiteWindow {
    SiteWindow(window, layout: layout, targets: targets, isOfSite: true) { line in
      (planOfLine[line] == 0 ? window.planned : planned[planOfLine[line] - 1], true)
    }
  }

  /// A shift of one calendar. That of the site is also the window of its areas, with all lines in them.
  private func shift(_ window: Window, of place: Int) -> SiteWindow {
    shift(window, of: place, isOfSite: place == 0, followers: plans[place].lines)
  }

  private func shift(_ window: Window, of place: Int, isOfSite: Bool, followers: Set<Int>) -> SiteWindow {
    let range = window.startMs..<window.endMs
    let others = isOfSite ? plans.dropFirst().map { $0.calendar.planned(in: range) } : []
    return SiteWindow(window, layout: layout, targets: targets, isOfSite: isOfSite) { line in
      if planOfLine[line] == place { return (window.planned, followers.contains(line)) }
      return (isOfSite ? others[planOfLine[line] - 1] : nil, false)
    }
  }
}
