/// The time whose units a forecast continues: the last planned hour of what has a target.
extension SiteWindow {
  private static let recentMs: Int64 = 3_600_000

  /// Whether what is planned until the window's end is known. It is not for a range that ends in more than 400 days.
  func isPlannedToItsEnd(nowMs: Int64) -> Bool {
    window.kind != nil || window.endMs <= nowMs + Self.plannedAheadMs
  }

  /// Where the last planned hour before an instant begins; at the earliest, where the window does.
  func recentStart(_ planned: PlannedTime?, limitMs: Int64) -> Int64 {
    planned?.start(of: Self.recentMs, before: limitMs, notBefore: window.startMs)
      ?? max(window.startMs, limitMs - Self.recentMs)
  }

  /// By what has a target and a forecast at `nowMs` that needs it: from when on its units must be known, until
  /// `nowMs`. Empty for a window that is over.
  package func recentStarts(nowMs: Int64) -> [TargetSubject: Int64] {
    guard !targets.isEmpty, window.startMs < nowMs, nowMs < window.endMs, isPlannedToItsEnd(nowMs: nowMs)
    else { return [:] }
    var starts: [TargetSubject: Int64] = [:]
    for subject in targets.subjects where has(KPIScope(subject.scope), id: subject.id) {
      let planned = planned(of: subject)
      let leftMs = planned?.durationMs(in: nowMs..<window.endMs) ?? window.endMs - nowMs
      guard leftMs > 0 else { continue }
      starts[subject] = recentStart(planned, limitMs: nowMs)
    }
    return starts
  }
}

extension KPIScope {
  package init(_ scope: TargetScope) {
    switch scope {
    case .workstation: self = .workstation
    case .line: self = .line
    case .site: self = .site
    }
  }
}
