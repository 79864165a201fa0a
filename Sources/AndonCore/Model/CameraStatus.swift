/// The last status that a camera, or its MQTT will, published.
public enum CameraStatus: String, Sendable, Hashable, CaseIterable {
  case online, offline
  /// It published none.
  case unknown
}
