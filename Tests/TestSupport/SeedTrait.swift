public import Testing

extension Trait where Self == IssueHandlingTrait {
  /// Adds the seed to every issue of the test. For tests that use `Seed.one`.
  public static var seeded: Self {
    .compactMapIssues { issue in
      var issue = issue
      issue.comments.append("SEED=\(Seed.one) brings it back")
      return issue
    }
  }
}
