/// What a new configuration changes for people, against an old one.
package struct PrivacyDifference: Sendable, Hashable {
  package enum Kind: String, Sendable, CaseIterable {
    /// More is known, kept or shown, or more people receive it.
    case wider
    /// The same amount in another way.
    case changed
    case narrower
  }

  package var siteID: String
  package var kind: Kind
  package var part: PrivacyStatement.Part
  package var subject: String
  /// Nil: the old one says nothing of it.
  package var old: String?
  package var new: String?

  /// All differences: by site in the order of the new configuration, then sites that are gone; wider ones first. A new
  /// site is wider with all that it says.
  package static func all(from old: PrivacyReport, to new: PrivacyReport) -> [PrivacyDifference] {
    let gone = old.sites.map(\.siteID).filter { id in !new.sites.contains { $0.siteID == id } }
    return (new.sites.map(\.siteID) + gone).flatMap { id in
      let sides = [old, new].map { report in report.sites.first { $0.siteID == id }?.statements ?? [] }
      let found = ofSite(id, from: sides[0], to: sides[1])
      return Kind.allCases.flatMap { kind in found.filter { $0.kind == kind } }
    }
  }

  private static func ofSite(
    _ siteID: String, from old: [PrivacyStatement], to new: [PrivacyStatement]
  ) -> [PrivacyDifference] {
    let before = Dictionary(old.map { (Key($0), $0) }) { first, _ in first }
    let after = Set(new.map(Key.init))
    let pairs =
      new.map { (before[Key($0)], Optional($0)) } + old.filter { !after.contains(Key($0)) }.map { ($0, nil) }
    return pairs.compactMap { old, new in
      guard let some = new ?? old, old != new else { return nil }
      let (from, to) = (old?.width ?? 0, new?.width ?? 0)
      return PrivacyDifference(
        siteID: siteID, kind: from < to ? .wider : from > to ? .narrower : .changed, part: some.part,
        subject: some.subject, old: old?.words, new: new?.words)
    }
  }

  private struct Key: Hashable {
    var part: PrivacyStatement.Part
    var subject: String

    init(_ statement: PrivacyStatement) { (part, subject) = (statement.part, statement.subject) }
  }
}
