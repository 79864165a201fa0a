/// The windows that KPIs are published for.
public enum WindowKind: String, Sendable, CaseIterable {
  case hour, shift, day
}
