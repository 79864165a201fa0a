/// What a worker is taken to be doing at an instant.
public enum WorkerState: String, Sendable, CaseIterable {
  case working, idle, absent
  /// Nothing was said yet.
  case unknown
}
