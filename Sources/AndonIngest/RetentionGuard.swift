import AndonCore
package import AndonStore

/// How far retention may delete: a value that gets elapsed time and observations and returns the cut-off.
///
/// Retention follows the data, never the clock alone. Its present, the reference, is the earlier of the clock
/// and the newest stored events. The reference moves by at most `rate` times the running time of the bridge,
/// and stands still for a day of running time after the clock stepped or was far ahead of the events. So a
/// clock that is wrong for a day deletes nothing; if the events are wrong too, at most four days of events
/// are deleted a day.
package struct RetentionGuard: Sendable, Hashable {
  package private(set) var mark: RetentionMark

  /// The reference moves by at most four days a day: one per cent of a file of 400 days.
  package static let rate: Int64 = 4
  package static let holdMs: Int64 = 86_400_000
  /// A machine whose clock steps every day must still delete events: beyond this, holds are followed by as
  /// much time without one.
  static let holdLimitMs: Int64 = 7 * 86_400_000

  package init(mark: RetentionMark? = nil) { self.mark = mark ?? RetentionMark() }

  package var isHeld: Bool { mark.heldForMs > 0 }

  /// The part of the mark that is stored in the file.
  package var kept: RetentionMark {
    var mark = mark
    mark.allowanceMs = 0
    return mark
  }

  /// Deletes nothing for the next day of running time. Returns whether no hold was active before.
  package mutating func hold(_ reason: String) -> Bool {
    guard mark.heldMs < Self.holdLimitMs else { return false }
    defer {
      mark.heldForMs = Self.holdMs
      mark.reason = reason
    }
    return !isHeld
  }

  /// Applies running time by the monotonic clock. Returns whether a hold ended.
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

  /// Events before the returned time may be deleted; nil while none may.
  ///
  /// - Parameters:
  ///   - clockMs: The bridge's clock.
  ///   - newestMs: The newest stored event, ignoring `RetentionDoubt.disregardedEvents`; nil when there are
  ///     not more.
  ///   - oldestMs: The oldest stored event.
  package mutating func cutoff(clockMs: Int64, newestMs: Int64?, oldestMs: Int64?, retentionMs: Int64)
    -> Int64?
  {
    guard !isHeld, clockMs >= ClockStepDetector.earliestPlausibleMs, let newestMs, let oldestMs else {
      return nil
    }
    let presentMs = min(clockMs, newestMs)
    // Up to the oldest event the reference moves freely: that deletes nothing.
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
