import AndonConfiguration
import AndonCore
import Synchronization

/// What the readers of stops of one process know of a file already, so that each of them reads only what changed.
///
/// A reader takes the contents as of its snapshot and gives them back with what it read. `trim` bounds it: the process
/// that publishes figures or stops calls it once a second.
final class StationCache: Sendable {
  struct Contents: Sendable {
    var buckets = BucketCache()
    var shifts = ShiftCache()
    fileprivate var site: SiteSettings?
    fileprivate var plan: PlanChanges?
    fileprivate var epoch: Int64 = .min
    fileprivate var sequence: Int64 = .min
  }

  private let contents = Mutex(Contents())

  /// What holds in a snapshot.
  ///
  /// - Parameters:
  ///   - plan: of the snapshot: another calendar has other shifts, and other workstations follow it.
  ///   - epoch: of `changes`, read before the snapshot was taken.
  ///   - sequence: of the snapshot.
  func contents(
    of site: SiteSettings, plan: PlanChanges, _ changes: ChangeLog, epoch: Int64, sequence: Int64
  ) -> Contents {
    var known = contents.withLock { $0 }
    // What a later snapshot has may not hold in this one.
    if known.epoch != epoch || known.sequence > sequence || known.site != site { known = Contents() }
    if known.site != nil, let changedMs = changes.earliestBucket(after: known.sequence, upTo: sequence) {
      known.buckets.forget(from: changedMs)
      known.shifts.forget(endingAfter: changedMs)
    }
    if known.plan != plan { known.shifts = ShiftCache() }
    known.plan = plan
    (known.site, known.epoch, known.sequence) = (site, epoch, sequence)
    return known
  }

  /// Keeps what a reader knows, unless another one of a later snapshot was faster.
  func keep(_ new: Contents) {
    contents.withLock { known in
      let isNewer =
        known.epoch < new.epoch || known.epoch == new.epoch && known.sequence <= new.sequence
      if isNewer { known = new }
    }
  }

  /// Forgets what the readers of the present do not need.
  ///
  /// - Parameters:
  ///   - shiftsMs: The shifts that ended before it.
  ///   - summariesMs: The summaries of buckets before it; those of shifts that are over are not read again.
  ///   - stationsMs: Which workstations there were before it.
  func trim(
    shiftsBefore shiftsMs: Int64, summariesBefore summariesMs: Int64, stationsBefore stationsMs: Int64
  ) {
    contents.withLock { known in
      known.shifts.forget(endingUpTo: shiftsMs)
      known.buckets.trim(summariesBefore: summariesMs, stationsBefore: stationsMs)
    }
  }
}
