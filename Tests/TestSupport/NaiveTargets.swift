package import AndonCore

/// Targets as an oracle reads them: for any instant the newest rule that covers it counts.
package struct NaiveTargets: Sendable {
  package struct Rule: Sendable {
    package var scope: String
    package var id: String
    package var fromMs: Int64
    package var untilMs: Int64
    /// Millionths of a unit per hour; nil: as the first rule says, which is the configuration.
    package var rate: Int64?
    package var order: String?

    package init(
      scope: String, id: String, fromMs: Int64 = .min, untilMs: Int64 = .max, rate: Int64?,
      order: String? = nil
    ) {
      (self.scope, self.id, self.fromMs, self.untilMs) = (scope, id, fromMs, untilMs)
      (self.rate, self.order) = (rate, order)
    }
  }

  package var rules: [Rule]

  package init(_ rules: [Rule]) { self.rules = rules }

  /// The rules that may say something of a range, with those of the configuration.
  package func clipped(to range: Range<Int64>) -> NaiveTargets {
    NaiveTargets(
      rules.filter { $0.fromMs == .min || ($0.fromMs < range.upperBound && range.lowerBound < $0.untilMs) })
  }

  func rate(_ scope: String, _ id: String, at ms: Int64) -> Int64? {
    let own = rules.filter { $0.scope == scope && $0.id == id }
    guard let newest = own.last(where: { $0.fromMs <= ms && ms < $0.untilMs }) else { return nil }
    return newest.rate ?? own.first { $0.fromMs == .min }?.rate
  }

  /// Records with another order than the target of the last elapsed instant names.
  package func differences(from records: [KPIRecord]) -> [String] {
    records.compactMap { record in
      let atMs = max(record.window.startMs, min(record.nowMs, record.window.endMs) - 1)
      let order = order(record.scope.rawValue, record.id, at: atMs)
      return record.labels.order == order ? nil : "\(record.id) is of \(order ?? "no order")"
    }
  }

  func order(_ scope: String, _ id: String, at ms: Int64) -> String? {
    let newest = rules.last {
      $0.scope == scope && $0.id == id && $0.fromMs <= ms && ms < $0.untilMs
    }
    return newest?.rate == nil ? nil : newest?.order
  }

  /// Every instant at which a target of a subject may change inside a range, with the ends of the range.
  private func points(_ range: Range<Int64>, _ more: [Range<Int64>]) -> [Int64] {
    let edges = rules.flatMap { [$0.fromMs, $0.untilMs] } + more.flatMap { [$0.lowerBound, $0.upperBound] }
    return Set(edges.filter { range.contains($0) } + [range.lowerBound, range.upperBound]).sorted()
  }

  /// The figures of a target in a window; empty when none holds in it.
  ///
  /// - Parameter planned: nil: all time.
  func figures(
    _ scope: String, _ id: String, units: [(atMs: Int64, count: Int64)], _ planned: [Range<Int64>]?,
    window: Range<Int64>, limitMs: Int64
  ) -> [String: Int64] {
    let pieces = points(window, (planned ?? []) + [window.lowerBound..<limitMs])
    let spans = zip(pieces, pieces.dropFirst()).map { from, to in
      (
        from: from, to: to, rate: rate(scope, id, at: from),
        isPlanned: planned?.contains { $0.contains(from) } ?? true
      )
    }
    guard spans.contains(where: { $0.rate != nil }) else { return [:] }
    func target(until ms: Int64) -> Int64 {
      let amount = spans.filter { $0.isPlanned && $0.to <= ms }
        .reduce(Int128(0)) { $0 + Int128($1.to - $1.from) * Int128($1.rate ?? 0) }
      return Int64((2 * amount + 3_600_000_000_000) / 7_200_000_000_000)
    }
    let made = units.filter { window.lowerBound <= $0.atMs && $0.atMs < limitMs }.reduce(0) { $0 + $1.count }
    let soFar = target(until: limitMs)
    var figures = ["target_units": soFar, "gap_units": made - soFar]
    figures["target_total_units"] = target(until: window.upperBound)
    if soFar > 0 { figures["pace_pct"] = (made * 20_000 + soFar) / (2 * soFar) }
    if let rate = rate(scope, id, at: max(window.lowerBound, limitMs - 1)) {
      figures["takt_s"] = Int64((2 * Int128(3_600_000_000_000) + Int128(rate)) / (2 * Int128(rate)))
    }
    let leftMs = spans.filter { $0.isPlanned && $0.from >= limitMs }.reduce(0) { $0 + $1.to - $1.from }
    if leftMs == 0 {
      figures["forecast_units"] = made
    } else {
      // Backwards, piece by piece, until an hour of planned time is found.
      var (plannedMs, startMs) = (Int64(0), window.lowerBound)
      for span in spans.reversed() where span.to <= limitMs && span.isPlanned {
        let missing = 3_600_000 - plannedMs
        if span.to - span.from >= missing {
          (plannedMs, startMs) = (3_600_000, span.to - missing)
          break
        }
        plannedMs += span.to - span.from
      }
      if plannedMs > 0 {
        let recent = units.filter { startMs <= $0.atMs && $0.atMs < limitMs }.reduce(0) { $0 + $1.count }
        figures["forecast_units"] = made + (recent * leftMs * 2 + plannedMs) / (2 * plannedMs)
      }
    }
    return figures
  }
}
