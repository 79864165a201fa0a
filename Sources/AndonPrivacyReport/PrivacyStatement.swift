/// One thing that a configuration says about people at a site, so that it can be read and compared.
package struct PrivacyStatement: Sendable, Hashable {
  /// The chapters of a report, in their order.
  package enum Part: String, Sendable, CaseIterable {
    case mode, field, kept, evaluation, recipient

    package var title: String {
      switch self {
      case .mode: "How workers are known"
      case .field: "What is read from an event"
      case .kept: "What is kept, and for how long"
      case .evaluation: "What is computed"
      case .recipient: "Who receives it"
      }
    }
  }

  package var part: Part
  /// What the statement is about; a part of a site has each subject once.
  package var subject: String
  /// What holds.
  package var words: String
  /// How much is known, kept or shown, for comparison with the same subject of another report: more is wider. A subject
  /// that a report does not have counts as 0.
  package var width: Int64
  /// The text counts statements of the same group instead of listing them; nil is listed.
  package var group: String?

  package init(_ part: Part, _ subject: String, _ words: String, width: Int64 = 1, group: String? = nil) {
    (self.part, self.subject, self.words, self.width, self.group) = (part, subject, words, width, group)
  }
}
