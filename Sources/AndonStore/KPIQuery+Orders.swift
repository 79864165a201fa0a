package import AndonCore
import GRDB

extension KPIQuery {
  /// The most parts of orders that one answer is computed from.
  package static let orderPartLimit = 500

  /// What was made of each order in a range, by order, then by scope and id.
  ///
  /// An order is made at a workstation, line or site while a target that names it holds there. O(parts × a reading of
  /// their time).
  ///
  /// - Returns: Nil when the range has more than `orderPartLimit` parts of orders.
  /// - Throws: `FiguresGone` when a part's events are deleted.
  package func orders(in range: Range<Int64>, _ store: SiteStore, nowMs: Int64) throws -> [OrderSum]? {
    let epoch = store.changes.epoch
    return try store.database.read { db in
      let calendars = try calendars(db)
      let elapsed = range.clamped(to: range.lowerBound..<max(range.lowerBound, nowMs))
      let parts = calendars.targets.subjects.flatMap { subject in
        calendars.targets.spans(of: subject).compactMap {
          span -> (TargetSubject, Range<Int64>, TargetLabels)? in
          let part = elapsed.clamped(to: span.startMs..<span.endMs)
          return part.isEmpty || span.labels.order == nil ? nil : (subject, part, span.labels)
        }
      }
      guard parts.count <= Self.orderPartLimit else { return nil }
      var sums: [String: [TargetSubject: OrderSum]] = [:]
      for (subject, part, labels) in parts {
        guard let order = labels.order else { continue }
        let window = calendars.window(fromMs: part.lowerBound, toMs: part.upperBound, untilMs: nowMs)
        let record = try records(store, windows: [window], nowMs: nowMs, epoch: epoch, db).first {
          $0.scope == KPIScope(subject.scope) && $0.id == subject.id
        }
        // Figures of too few persons are withheld.
        guard let record, let target = record[.targetUnits] else { continue }
        let sum = OrderSum(
          order, subject, product: labels.product, fromMs: part.lowerBound, toMs: part.upperBound,
          units: record[.units] ?? 0, targetUnits: target)
        if sums[order]?[subject]?.add(sum) == nil { sums[order, default: [:]][subject] = sum }
      }
      return sums.sorted { $0.key < $1.key }.flatMap { $0.value.sorted { $0.key < $1.key }.map(\.value) }
    }
  }
}
