/// What is kept of a rejected event's bytes.
package enum QuarantineForm: Int64, Sendable {
  /// The bytes as they came, at most 64 KiB.
  case received = 0
  /// The known fields, with another id for the worker.
  case workerReplaced = 1
  /// A keyed hash: the bytes could not be read, so nothing says where in them a worker is named.
  case digest = 2

  /// As the answers name it.
  package var name: String {
    switch self {
    case .received: "received"
    case .workerReplaced: "worker_replaced"
    case .digest: "digest"
    }
  }
}
