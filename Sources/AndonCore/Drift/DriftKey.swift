/// What drift is judged for: one model version on one camera, never mixed with another.
public struct DriftKey: Sendable, Hashable, Comparable {
  public var cameraID: String
  /// Empty when the camera does not say.
  public var modelVersion: String

  public init(cameraID: String, modelVersion: String) {
    self.cameraID = cameraID
    self.modelVersion = modelVersion
  }

  public static func < (left: DriftKey, right: DriftKey) -> Bool {
    (left.cameraID, left.modelVersion) < (right.cameraID, right.modelVersion)
  }
}
