public import Testing

extension Trait where Self == IssueHandlingTrait {
  /// Every issue of the test says which seed brings it back. For tests whose numbers begin at `Seed.one`.
  public static var seeded: Self {
    .compactMapIssues { issue in
      var issue = issue
      issue.comments.append("SEED=\(Seed.one) brings it back")
      return issue
    }
  }
}
