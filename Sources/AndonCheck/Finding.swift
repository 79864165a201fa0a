/// One line of `andon check`: what was checked, what was found, and what to do about it.
package struct Finding: Sendable, Hashable {
  package enum Level: String, Sendable, Comparable {
    case ok, warning, error

    private var rank: Int { self == .ok ? 0 : self == .warning ? 1 : 2 }

    package static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }
  }

  package var level: Level
  /// What was checked: `broker`, `acl`, `session`, `queue`, `clock`, `disk`, …
  package var subject: String
  /// The site; empty for the whole bridge.
  package var site: String
  /// What was found, and why it matters.
  package var text: String
  /// What to do; empty when nothing needs to be done.
  package var advice: String

  package init(_ level: Level, _ subject: String, site: String = "", _ text: String, advice: String = "") {
    self.level = level
    self.subject = subject
    self.site = site
    self.text = text
    self.advice = advice
  }
}
