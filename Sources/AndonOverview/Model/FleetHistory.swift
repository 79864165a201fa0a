/// What the central database knows of a site's past.
package protocol FleetHistory: Sendable {
  /// The site's last 30 days and its last shifts.
  ///
  /// - Throws: `FleetHistoryError`, in words for people, when the database does not answer in time.
  func history(of site: String, nowMs: Int64) async throws -> SiteHistory
}
