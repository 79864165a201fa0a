/// Cameras that may fail together because they share something: a switch, a line, the site.
public struct CameraGroup: Sendable, Hashable {
  /// The source of the group's alarms; unique in the site.
  public var id: String
  /// Nil: every camera of the site.
  public var cameras: Set<String>?

  public init(id: String, cameras: Set<String>? = nil) {
    self.id = id
    self.cameras = cameras
  }

  public func contains(_ camera: String) -> Bool { cameras?.contains(camera) ?? true }

  /// Its members among these cameras.
  public func members(of all: Set<String>) -> Set<String> { cameras.map(all.intersection) ?? all }
}
