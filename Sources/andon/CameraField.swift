import AndonCore
import Foundation

/// Finds which camera a line of an export names, for the pipeline to check against: on MQTT the topic says it.
enum CameraField {
  /// The line's `camera_id`, or `import` when it has none that could be a topic's.
  static func value(in line: [UInt8]) -> String {
    guard let object = try? JSONSerialization.jsonObject(with: Data(line)) as? [String: Any],
      let camera = object["camera_id"] as? String, Identifier.isValid(camera)
    else { return "import" }
    return camera
  }
}
