/// What an alarm is about. Two model versions on one camera have a state each and share one alarm id.
public struct AlarmKey: Sendable, Hashable, Codable, Comparable {
  public var rule: AlarmRule
  /// The camera, workstation, model version or bridge.
  public var sourceID: String
  /// Empty for rules that are not about a model version.
  public var modelVersion: String

  public init(rule: AlarmRule, sourceID: String, modelVersion: String = "") {
    self.rule = rule
    self.sourceID = sourceID
    self.modelVersion = modelVersion
  }

  public init(rule: AlarmRule, key: DriftKey) {
    self.init(rule: rule, sourceID: key.cameraID, modelVersion: key.modelVersion)
  }

  /// The id on the wire, e.g. `plant-a/drift/cam-01`.
  public func alertID(site: String) -> String { "\(site)/\(rule.alertClass)/\(topicSource)" }

  /// The source as the last topic level. A model version is free text: each character that a topic or an id
  /// cannot hold becomes `_`.
  public var topicSource: String {
    if Identifier.isValid(sourceID) { return sourceID }
    if sourceID.isEmpty { return "_" }
    return String(
      sourceID.unicodeScalars.prefix(64).map { scalar in
        let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
        return isPlain || ".-_".unicodeScalars.contains(scalar) ? Character(scalar) : "_"
      })
  }

  public static func < (left: AlarmKey, right: AlarmKey) -> Bool {
    if left.rule != right.rule { return left.rule < right.rule }
    if left.sourceID != right.sourceID { return left.sourceID < right.sourceID }
    return left.modelVersion < right.modelVersion
  }
}
