/// What a worker does at an instant.
public enum WorkerState: String, Sendable, CaseIterable {
  case working, idle, absent
  /// Before the first state.
  case unknown
}
