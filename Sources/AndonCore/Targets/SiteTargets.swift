/// The targets of a site over time: those of the configuration, and the changes by command.
public struct SiteTargets: Sendable, Hashable {
  private var configured: [TargetSubject: TargetRate]
  /// In order of time, disjoint, none empty.
  private var spans: [TargetSubject: [TargetSpan]]

  /// As configured, at all times.
  public init(_ configured: [TargetSubject: TargetRate] = [:]) {
    self.configured = configured
    spans = configured.mapValues { [TargetSpan(startMs: .min, endMs: .max, rate: $0)] }
  }

  public var isEmpty: Bool { spans.isEmpty }

  /// The same with changes by command, in the order in which they were made. O(changes²) for one subject.
  public func changed(by changes: [TargetChange]) -> SiteTargets {
    var targets = SiteTargets(configured)
    for change in changes where change.fromMs < change.untilMs { targets.apply(change) }
    targets.spans = targets.spans.filter { !$0.value.isEmpty }
    return targets
  }

  private mutating func apply(_ change: TargetChange) {
    let range = change.fromMs..<change.untilMs
    var next: [TargetSpan] = []
    for var span in spans[change.subject] ?? [] {
      guard span.range.overlaps(range) else {
        next.append(span)
        continue
      }
      let endMs = span.endMs
      if span.startMs < range.lowerBound {
        span.endMs = range.lowerBound
        next.append(span)
      }
      if range.upperBound < endMs {
        (span.startMs, span.endMs) = (range.upperBound, endMs)
        next.append(span)
      }
    }
    if let rate = change.rate ?? configured[change.subject] {
      next.append(
        TargetSpan(
          startMs: range.lowerBound, endMs: range.upperBound, rate: rate,
          labels: change.rate == nil ? TargetLabels() : change.labels))
    }
    spans[change.subject] = next.sorted { $0.startMs < $1.startMs }
  }

  /// What holds for a subject, in order of time.
  public func spans(of subject: TargetSubject) -> [TargetSpan] { spans[subject] ?? [] }

  /// What has a target at some time, by scope and id.
  public var subjects: [TargetSubject] { spans.keys.sorted() }

  /// The targets inside a range, clipped to it. Two sets of changes that differ only outside of it give the same.
  package func clipped(to range: Range<Int64>) -> SiteTargets {
    guard !spans.isEmpty else { return self }
    var targets = SiteTargets()
    targets.spans = spans.compactMapValues { spans in
      let inside = spans.compactMap { span -> TargetSpan? in
        let part = span.range.clamped(to: range)
        guard !part.isEmpty else { return nil }
        return TargetSpan(
          startMs: part.lowerBound, endMs: part.upperBound, rate: span.rate, labels: span.labels)
      }
      return inside.isEmpty ? nil : inside
    }
    return targets
  }

  /// The units to be made in a range, rounded half up once; nil for a subject without a target.
  ///
  /// - Parameter plannedMs: how much of a range is planned.
  func units(
    of subject: TargetSubject, in range: Range<Int64>, plannedMs: (Range<Int64>) -> Int64
  ) -> Int64? {
    guard let spans = spans[subject] else { return nil }
    var amount: Int128 = 0
    for span in spans where span.range.overlaps(range) {
      amount += Int128(plannedMs(span.range.clamped(to: range))) * Int128(span.rate.microUnitsPerHour)
    }
    return TargetRate.units(amount)
  }

  /// The target that holds at an instant.
  public func span(of subject: TargetSubject, at ms: Int64) -> TargetSpan? {
    spans[subject]?.first { $0.range.contains(ms) }
  }

  /// The changes that still decide something from an instant on; without the others every figure from then on is the
  /// same. O(changes × those of a subject).
  public static func needed(_ changes: [TargetChange], from ms: Int64) -> [Bool] {
    /// What newer changes cover, by subject: in order of time, disjoint.
    var covered: [TargetSubject: [Range<Int64>]] = [:]
    var needed = [Bool](repeating: false, count: changes.count)
    for place in changes.indices.reversed() {
      let change = changes[place]
      let startMs = max(change.fromMs, ms)
      guard startMs < change.untilMs else { continue }
      let range = startMs..<change.untilMs
      var (merged, others): (Range<Int64>, [Range<Int64>]) = (range, [])
      var isCovered = false
      for part in covered[change.subject] ?? [] {
        if part.lowerBound <= range.lowerBound, range.upperBound <= part.upperBound { isCovered = true }
        if part.lowerBound <= merged.upperBound, merged.lowerBound <= part.upperBound {
          merged =
            min(part.lowerBound, merged.lowerBound)..<max(part.upperBound, merged.upperBound)
        } else {
          others.append(part)
        }
      }
      needed[place] = !isCovered
      if !isCovered { covered[change.subject] = (others + [merged]).sorted { $0.lowerBound < $1.lowerBound } }
    }
    return needed
  }
}
