import AndonCore
import AndonStore

/// Cameras that are offline or silent, and the groups whose members are away together.
extension SiteAlarms {
  /// The condition of one camera, as long as it holds.
  private struct Absence {
    let key: AlarmKey
    /// When the condition began.
    let sinceMs: Int64
    /// Since when the bridge sees the camera as away.
    let awayMs: Int64
    /// It holds for long enough to be an alarm.
    let isDue: Bool
    let measure: AlarmMeasure

    var camera: String { key.sourceID }
  }

  mutating func judgeAbsences(_ context: TickContext, nowMs: Int64) {
    var offline: [Absence] = []
    var silent: [Absence] = []
    for camera in context.cameras {
      let isOffline = camera.status == .offline
      if let absence = absence(offline: camera, context, isOffline: isOffline, nowMs: nowMs) {
        offline.append(absence)
      }
      if let absence = absence(silent: camera, context, isOffline: isOffline, nowMs: nowMs) {
        silent.append(absence)
      }
    }
    let hasGroupAlarm = manager.open.keys.contains { Self.groupRules.contains($0.rule) }
    guard hasGroupAlarm || !offline.isEmpty || !silent.isEmpty else { return }
    let live = Set(context.cameras.filter { isLive($0, context, nowMs: nowMs) }.map(\.cameraID))
    let configured = context.groupWindowMs > 0 ? groups : []
    let groups = configured.map { GroupRule.Group(id: $0.id, live: $0.members(of: live)) }
    judge(.groupOffline, offline, groups, context, nowMs: nowMs)
    judge(.groupSilent, silent, groups, context, nowMs: nowMs)
  }

  private static let groupRules: Set<AlarmRule> = [.groupOffline, .groupSilent]

  /// A camera that counts among the members of its groups. The time without a shift before the current one does not
  /// count: after a closure, a camera that fails to return is away like any other.
  private func isLive(_ camera: CameraRow, _ context: TickContext, nowMs: Int64) -> Bool {
    guard camera.events > 0, outOfService[camera.cameraID] == nil, let receivedMs = camera.lastReceivedMs
    else { return false }
    return nowMs - receivedMs - context.shift(ofCamera: camera.cameraID).pauseBeforeMs < Self.liveMs
  }

  /// A camera that was last heard of a week ago is away for good.
  private static let liveMs: Int64 = 7 * 86_400_000

  // MARK: One camera

  /// Offline for `offlineDelayMs` while the bridge was connected: an older status may be out of date.
  ///
  /// The start is kept as the alarm's pending state, so that it survives a restart. A camera with a status
  /// but without any event raises no alarm: it is only shown.
  private mutating func absence(
    offline camera: CameraRow, _ context: TickContext, isOffline: Bool, nowMs: Int64
  ) -> Absence? {
    let key = AlarmKey(rule: .cameraOffline, sourceID: camera.cameraID)
    let measure = AlarmMeasure(metric: "online", value: isOffline ? 0 : 1, digits: 0)
    guard isOffline, !camera.isGhost else {
      manager.apply(key, pendingSinceMs: nil, measure: measure, nowMs: nowMs)
      set(key, isOn: false, measure, nowMs: nowMs)
      return nil
    }
    if let open = manager.open[key] {
      return Absence(
        key: key, sinceMs: open.sinceMs, awayMs: open.sinceMs, isDue: true, measure: measure)
    }
    guard outOfService[camera.cameraID] == nil else { return nil }
    // After a clock step backwards the delay starts again.
    let sinceMs = min(manager.machines[key]?.pendingSinceMs ?? nowMs, nowMs)
    manager.apply(key, pendingSinceMs: sinceMs, measure: measure, nowMs: nowMs)
    guard let listening = context.listeningSinceMs else { return nil }
    let awayMs = max(sinceMs, listening)
    return Absence(
      key: key, sinceMs: sinceMs, awayMs: awayMs, isDue: nowMs - awayMs >= context.offlineDelayMs,
      measure: measure)
  }

  /// A camera that is known to be offline does not also raise `camera_silent`, nor does one that was silent
  /// for a week.
  private mutating func absence(
    silent camera: CameraRow, _ context: TickContext, isOffline: Bool, nowMs: Int64
  ) -> Absence? {
    let key = AlarmKey(rule: .cameraSilent, sourceID: camera.cameraID)
    if let open = manager.open[key] {
      guard let receivedMs = camera.lastReceivedMs, receivedMs > open.raisedMs else {
        return Absence(
          key: key, sinceMs: open.sinceMs, awayMs: open.sinceMs + context.silentAfterMs, isDue: true,
          measure: Self.silence(nowMs - open.sinceMs, context))
      }
      set(key, isOn: false, Self.silence(0, context), nowMs: nowMs)
      return nil
    }
    guard !isOffline, isLive(camera, context, nowMs: nowMs), let receivedMs = camera.lastReceivedMs,
      let listening = context.listeningSinceMs
    else { return nil }
    let since = SilenceRule.silentSince(
      lastReceivedMs: receivedMs, listeningSinceMs: listening,
      shift: context.shift(ofCamera: camera.cameraID).shift, nowMs: nowMs, limitMs: context.silentAfterMs)
    return since.map {
      Absence(
        key: key, sinceMs: $0, awayMs: $0 + context.silentAfterMs, isDue: true,
        measure: Self.silence(nowMs - $0, context))
    }
  }

  private static func silence(_ silentMs: Int64, _ context: TickContext) -> AlarmMeasure {
    AlarmMeasure(metric: "silent_s", value: silentMs / 1000, limit: context.silentAfterMs / 1000, digits: 0)
  }

  // MARK: Groups

  /// Raises what is due. A camera's alarm waits for `groupWindowMs`: if others of a group go away meanwhile, one alarm
  /// of the group calls for all of them.
  private mutating func judge(
    _ rule: AlarmRule, _ absences: [Absence], _ groups: [GroupRule.Group], _ context: TickContext,
    nowMs: Int64
  ) {
    endGroups(rule, away: Set(absences.map(\.camera)), groups, nowMs: nowMs)
    var waiting: [Absence] = []
    for absence in absences.sorted(by: { $0.key < $1.key }) where manager.open[absence.key] == nil {
      if !absence.isDue {
        waiting.append(absence)
      } else if let cause = groupAlarm(of: absence.camera, groups) {
        raise(absence, attachedTo: cause, nowMs: nowMs)
      } else if !groups.contains(where: { $0.isLarge && $0.live.contains(absence.camera) }) {
        raise(absence, nowMs: nowMs)
      } else {
        waiting.append(absence)
      }
    }
    let due = waiting.filter { $0.isDue && nowMs - $0.awayMs >= context.groupWindowMs }
    guard let firstMs = due.map(\.awayMs).min() else { return }
    let together = absences.filter {
      $0.awayMs >= firstMs && $0.awayMs - firstMs <= context.groupWindowMs
    }
    for (group, cameras) in GroupRule.explain(Set(together.map(\.camera)), by: groups) {
      raise(rule, of: group, together.filter { cameras.contains($0.camera) }, nowMs: nowMs)
    }
    for absence in due where manager.open[absence.key] == nil { raise(absence, nowMs: nowMs) }
  }

  private mutating func raise(_ absence: Absence, attachedTo cause: AlarmKey? = nil, nowMs: Int64) {
    set(
      absence.key, isOn: true, sinceMs: absence.sinceMs, attachedTo: cause, absence.measure, nowMs: nowMs)
  }

  private mutating func raise(
    _ rule: AlarmRule, of group: GroupRule.Group, _ absences: [Absence], nowMs: Int64
  ) {
    let key = AlarmKey(rule: rule, sourceID: group.id)
    let cameras = absences.map(\.camera).sorted()
    var measure = AlarmMeasure(
      metric: "cameras", value: Int64(cameras.count), limit: Int64(group.threshold), digits: 0)
    measure.note = NameList.text(cameras, atMost: Self.camerasNamed)
    set(key, isOn: true, sinceMs: absences.map(\.sinceMs).min(), measure, nowMs: nowMs)
    for absence in absences where absence.isDue {
      if manager.open[absence.key] == nil {
        raise(absence, attachedTo: key, nowMs: nowMs)
      } else {
        manager.attach([absence.key], to: key, nowMs: nowMs)
      }
    }
  }

  private static let camerasNamed = 5

  /// The open alarm of the smallest group with this camera.
  private func groupAlarm(of camera: String, _ groups: [GroupRule.Group]) -> AlarmKey? {
    let named = groups.filter { group in self.groups.contains { $0.id == group.id && $0.contains(camera) } }
    let sorted = named.sorted { ($0.live.count, $0.id) < ($1.live.count, $1.id) }
    return sorted.lazy.flatMap { group in
      Self.groupRules.sorted().map { AlarmKey(rule: $0, sourceID: group.id) }
    }.first { manager.open[$0] != nil }
  }

  /// A group's alarm is over when all its members are back, or for `settleMs` fewer are away than it takes: members
  /// return one by one. Those that are away then stand for themselves.
  private mutating func endGroups(
    _ rule: AlarmRule, away: Set<String>, _ groups: [GroupRule.Group], nowMs: Int64
  ) {
    for key in manager.open.keys.filter({ $0.rule == rule }).sorted() {
      let configured = self.groups.first { $0.id == key.sourceID }
      let left = configured?.members(of: away).count ?? 0
      let threshold = groups.first { $0.id == key.sourceID }?.threshold ?? 0
      if left > 0, left >= threshold {
        calmSinceMs[key] = nil
        continue
      }
      let calmSince = min(calmSinceMs[key] ?? nowMs, nowMs)
      calmSinceMs[key] = calmSince
      guard left == 0 || nowMs - calmSince >= settleMs else { continue }
      calmSinceMs[key] = nil
      let measure = AlarmMeasure(
        metric: "cameras", value: Int64(left), limit: Int64(threshold), digits: 0)
      set(key, isOn: false, measure, nowMs: nowMs)
      manager.detach(from: key, nowMs: nowMs)
    }
  }
}
