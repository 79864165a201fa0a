extension EventKind {
  /// The state that an event of this kind sets; `unknown` for `product_count`, which sets none.
  var workerState: WorkerState {
    switch self {
    case .working: .working
    case .idle: .idle
    case .absent: .absent
    case .productCount: .unknown
    }
  }
}
