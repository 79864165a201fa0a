/// How a site is, the worst first.
package enum SiteState: String, Sendable, CaseIterable {
  /// It says nothing, or cannot be reached.
  case offline
  /// An urgent or high alert is open and not acknowledged.
  case critical
  /// Its figures are old.
  case stale
  /// Another alert is open and not acknowledged.
  case alert
  /// Data are missing: too little coverage, or none.
  case incomplete
  /// Less was made than planned until now.
  case behind
  /// None of these.
  case ok

  /// 0 is the worst.
  package var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
