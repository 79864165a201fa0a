package import AndonConfiguration
import AndonCore
import AndonRuntime
import Crypto
import Foundation
import Synchronization

/// The periods of one site and their keys.
///
/// A period is made with the first event in it, and then stays as it is: events that come late, and repeats, meet the
/// same pseudonym also after the configuration changed. New periods are cut where they meet known ones.
package final class SitePseudonyms: Sendable {
  private struct State {
    /// Nil until the file was read.
    var periods: [PseudonymPeriod]?
    var counters = SymmetricKey(size: .bits256)
  }

  /// Which times may begin a period.
  package struct Bounds: Sendable {
    /// The clock's reading, epoch milliseconds.
    package var nowMs: Int64
    /// While the clock is in doubt, events of any time are kept for later.
    package var isClockTrusted: Bool

    package init(nowMs: Int64, isClockTrusted: Bool) {
      (self.nowMs, self.isClockTrusted) = (nowMs, isClockTrusted)
    }
  }

  private let siteID: String
  /// Nil: keys are made for this process only, and nothing is written.
  private let file: KeyFile?
  private let rotation: PseudonymRotation
  private let maxAgeMs: Int64
  private let maxFutureMs: Int64
  private let state = Mutex(State())
  /// An import may bring years. More periods than that are refused.
  private static let largestCount = 16_384
  /// How many of them may lie outside of the times that the site accepts.
  private static let largestDoubtful = 64

  /// Nil for a site that stores ids as they come.
  ///
  /// - Parameter dataDirectory: Where the key file lies unless the site names another one. Nil for a reader that stores
  ///   nothing: its keys are forgotten with the process.
  package static func of(_ site: SiteSettings, dataDirectory: String?) -> SitePseudonyms? {
    guard site.privacy.replacesIDs else { return nil }
    return SitePseudonyms(
      site, KeyFile.of(site, dataDirectory: dataDirectory))
  }

  private init(_ site: SiteSettings, _ file: KeyFile?) {
    siteID = site.id
    self.file = file
    let zone = TimeZone(identifier: site.timeZone) ?? .gmt
    rotation = PseudonymRotation(
      site.privacy.rotation, zone: ZoneOffsets(zone: zone), shiftStarts: site.shifts.map(\.startMinute))
    (maxAgeMs, maxFutureMs) = (site.ingest.maxAgeMs, site.ingest.maxFutureMs)
  }

  /// The period of an accepted event. Its key is on disk when this returns.
  package func period(containing ms: Int64) throws -> PseudonymPeriod {
    try state.withLock { state in
      if let known = try known(ms, &state) { return known }
      guard (state.periods?.count ?? 0) < Self.largestCount else {
        throw KeyFileError(
          path: file?.path ?? "", reason: "\(Self.largestCount) periods: wait until old ones are deleted")
      }
      return try add(ms, &state)
    }
  }

  /// The period of a rejected event; nil when its time is one that no new period begins for.
  package func period(ofRejected ms: Int64, _ bounds: Bounds) throws -> PseudonymPeriod? {
    try state.withLock { state in
      if let known = try known(ms, &state) { return known }
      let accepted = bounds.nowMs - maxAgeMs...bounds.nowMs + maxFutureMs
      if !accepted.contains(ms) {
        guard !bounds.isClockTrusted, ms > 0, ms < 1 << 52 else { return nil }
        let doubtful = state.periods?.count {
          $0.endMs <= accepted.lowerBound || $0.startMs > accepted.upperBound
        }
        guard doubtful ?? 0 < Self.largestDoubtful else { return nil }
      }
      return try add(ms, &state)
    }
  }

  /// When the pseudonyms of events of that time end; nil when they do not, or the period is not known.
  package func end(atMs ms: Int64) throws -> Int64? {
    try state.withLock { state in
      try known(ms, &state).flatMap { $0.endMs == .max ? nil : $0.endMs }
    }
  }

  /// Stands for a worker in the rows of counters, which outlive a rotation: what a counter made in between must not be
  /// lost. A row has only the last reading.
  package func counterText(of workerID: String) throws -> String {
    try state.withLock { state in
      try load(&state)
      return PseudonymText.text("C", workerID, state.counters)
    }
  }

  /// A keyed hash of bytes that are not kept, as hexadecimal digits: equal bytes of one period have equal hashes.
  package func digest(_ bytes: [UInt8], at ms: Int64) throws -> String {
    KeyedHash.hex(bytes, key: try period(containing: ms).key)
  }

  /// Deletes the keys of periods from which no event is accepted any more: after that, pseudonyms cannot be linked to ids.
  /// Call it while the clock is trusted. Returns how many were deleted.
  @discardableResult
  package func prune(nowMs: Int64) throws -> Int {
    try state.withLock { state in
      try load(&state)
      let limitMs = nowMs - maxAgeMs
      guard let known = state.periods, known.contains(where: { $0.endMs < limitMs }) else { return 0 }
      let left = try file?.change(siteID) { site in
        let count = site.periods.count
        site.periods.removeAll { $0.to_ms < limitMs }
        return site.periods.count != count
      }
      state.periods = left.map(Self.periods) ?? known.filter { $0.endMs >= limitMs }
      return known.count - (state.periods?.count ?? 0)
    }
  }

  // MARK: Periods

  private func load(_ state: inout State) throws {
    guard state.periods == nil else { return }
    guard let file else {
      state.periods = []
      return
    }
    let (rotation, nowMs) = (rotation, WallClock.system.nowMs)
    let site = try file.change(siteID) { site in
      // `never` was configured before: its period ends now as the others do.
      let today = rotation.period(containing: nowMs)
      guard today.upperBound != .max else { return false }
      let endless = site.periods.indices.filter { site.periods[$0].to_ms == .max }
      for place in endless {
        site.periods[place].to_ms = max(today.upperBound, site.periods[place].from_ms + 1)
      }
      return !endless.isEmpty
    }
    (state.periods, state.counters) = (Self.periods(site), SymmetricKey(data: site.counters))
  }

  private static func periods(_ site: KeyFile.Site) -> [PseudonymPeriod] {
    site.periods.map {
      PseudonymPeriod(startMs: $0.from_ms, endMs: $0.to_ms, key: SymmetricKey(data: $0.key))
    }.sorted { $0.startMs < $1.startMs }
  }

  private func known(_ ms: Int64, _ state: inout State) throws -> PseudonymPeriod? {
    try load(&state)
    // Nearly always the newest ones.
    return state.periods?.last { $0.contains(ms) }
  }

  private func add(_ ms: Int64, _ state: inout State) throws -> PseudonymPeriod {
    guard let file else {
      let range = Self.free(
        rotation.period(containing: ms), at: ms, among: (state.periods ?? []).map(Self.range))
      let new = PseudonymPeriod(
        startMs: range.lowerBound, endMs: range.upperBound, key: SymmetricKey(size: .bits256))
      state.periods = ((state.periods ?? []) + [new]).sorted { $0.startMs < $1.startMs }
      return new
    }
    let site = try file.change(siteID) { site in
      // Another process may have added it.
      if site.periods.contains(where: { $0.from_ms <= ms && ms < $0.to_ms }) { return false }
      let range = Self.free(
        rotation.period(containing: ms), at: ms, among: site.periods.map { $0.from_ms..<$0.to_ms })
      site.periods.append(
        KeyFile.Site.Period(from_ms: range.lowerBound, to_ms: range.upperBound, key: KeyFile.newKey()))
      return true
    }
    state.periods = Self.periods(site)
    guard let new = state.periods?.last(where: { $0.contains(ms) }) else {
      throw KeyFileError(path: file.path, reason: "the new period is not in it")
    }
    return new
  }

  private static func range(_ period: PseudonymPeriod) -> Range<Int64> { period.startMs..<period.endMs }

  /// The part of a period around an instant that no other one has.
  private static func free(
    _ range: Range<Int64>, at ms: Int64, among others: [Range<Int64>]
  ) -> Range<Int64> {
    let start = others.filter { $0.upperBound <= ms }.map(\.upperBound).max() ?? range.lowerBound
    let end = others.filter { $0.lowerBound > ms }.map(\.lowerBound).min() ?? range.upperBound
    return max(start, range.lowerBound)..<min(end, range.upperBound)
  }
}
