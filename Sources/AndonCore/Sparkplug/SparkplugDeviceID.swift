/// The area, line, workstation, worker or camera that a device stands for. A worker and a workstation may share an id, so
/// the device's name begins with the kind.
public struct SparkplugDeviceID: Sendable, Hashable {
  public enum Kind: String, Sendable, CaseIterable {
    case area, line, workstation, worker, camera
  }

  public var kind: Kind
  public var id: String

  public init(_ kind: Kind, _ id: String) {
    self.kind = kind
    self.id = id
  }

  /// The last level of its topics, e.g. `worker-W1`.
  public var name: String { "\(kind.rawValue)-\(id)" }
}
