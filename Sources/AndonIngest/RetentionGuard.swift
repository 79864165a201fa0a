import AndonCore
package import AndonStore

/// How far retention may go, as a value: what passes and what is seen goes in, the cut-off comes out.
///
/// Retention follows the data, never the clock alone. Its present, the reference, is the earlier one of the clock
/// and of the newest stored events; it moves by at most `rate` times the time that the bridge runs; and it stands
/// still for a day of running after the clock stepped or was found far ahead of the events. So a clock that is
/// wrong for a day deletes nothing, and one that is wrong together with the events deletes four days of events a day.
package struct RetentionGuard: Sendable, Hashable {
  package private(set) var mark: RetentionMark

  /// The reference moves by at most four days a day: one per cent of a file of 400 days.
  package static let rate: Int64 = 4
  package static let holdMs: Int64 = 86_400_000
  /// A machine whose clock steps every day must not keep events for ever: beyond that, holds are answered by as
  /// much time without one.
  static let holdLimitMs: Int64 = 7 * 86_400_000

  package init(mark: RetentionMark? = nil) { self.mark = mark ?? RetentionMark() }

  package var isHeld: Bool { mark.heldForMs > 0 }

  /// What of the mark is kept in the file.
  package var kept: RetentionMark {
    var mark = mark
    mark.allowanceMs = 0
    return mark
  }

  /// Deletes nothing for the next day of running. Returns whether that is news.
  package mutating func hold(_ reason: String) -> Bool {
    guard mark.heldMs < Self.holdLimitMs else { return false }
    defer {
      mark.heldForMs = Self.holdMs
      mark.reason = reason
    }
    return !isHeld
  }

  /// The bridge ran for that long, by the monotonic clock. Returns whether a hold ended.
  package mutating func pass(milliseconds elapsedMs: Int64) -> Bool {
    let elapsedMs = min(max(0, elapsedMs), Self.holdMs)
    guard isHeld else {
      mark.heldMs = max(0, mark.heldMs - elapsedMs)
      mark.allowanceMs = min(mark.allowanceMs + Self.rate * elapsedMs, Self.rate * Self.holdMs)
      return false
    }
    mark.heldMs += min(elapsedMs, mark.heldForMs)
    mark.heldForMs = mark.heldMs < Self.holdLimitMs ? max(0, mark.heldForMs - elapsedMs) : 0
    mark.allowanceMs = 0
    guard !isHeld else { return false }
    mark.reason = ""
    return true
  }

  /// Events before that may go; nil while none may.
  ///
  /// - Parameters:
  ///   - clockMs: The bridge's clock.
  ///   - newestMs: The newest stored event but `RetentionDoubt.disregardedEvents`; nil when there are no more than those.
  ///   - oldestMs: The oldest stored event.
  package mutating func cutoff(clockMs: Int64, newestMs: Int64?, oldestMs: Int64?, retentionMs: Int64)
    -> Int64?
  {
    guard !isHeld, clockMs >= ClockStepDetector.earliestPlausibleMs, let newestMs, let oldestMs else {
      return nil
    }
    let presentMs = min(clockMs, newestMs)
    // Up to the oldest event it is free to move: that deletes nothing.
    let startMs = max(mark.referenceMs, oldestMs.addingClamped(retentionMs))
    mark.referenceMs = min(presentMs, startMs.addingClamped(mark.allowanceMs))
    mark.allowanceMs = 0
    return SummaryBucket.start(of: mark.referenceMs - retentionMs)
  }
}

extension Int64 {
  /// The sum, at most the largest number.
  fileprivate func addingClamped(_ other: Int64) -> Int64 {
    let (sum, isOver) = addingReportingOverflow(other)
    return isOver ? .max : sum
  }
}
