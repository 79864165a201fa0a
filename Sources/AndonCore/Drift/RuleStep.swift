/// A transition with its rule.
public struct RuleStep: Sendable, Hashable {
  public var rule: AlarmRule
  public var transition: DriftTransition
  /// What the rule judged at that step, in millionths.
  public var valuePpm: Int32?

  public init(rule: AlarmRule, transition: DriftTransition, valuePpm: Int32?) {
    self.rule = rule
    self.transition = transition
    self.valuePpm = valuePpm
  }
}
