import AndonConfiguration
import AndonCore
import AndonIngest

/// Decodes messages as the bridge would, without storing anything.
struct SampleDecoder {
  private(set) var events = 0
  private(set) var rejected = 0
  private(set) var firstRejection: String?
  /// Received − timestamp by camera, milliseconds, including events whose time is out of bounds.
  private(set) var skews: [String: [Int64]] = [:]
  /// Cameras that sent with QoS 0.
  private(set) var atMostOnce: Set<String> = []
  private let rules: IngestRules
  private let nowMs: Int64

  init(site: SiteSettings, root: String, nowMs: Int64) {
    var rules = IngestRules(site: site, root: root)
    // Wide bounds: a wrong clock is measured here, not rejected.
    rules.maxAgeMs = 100 * 365 * 86_400_000
    rules.maxFutureMs = 100 * 365 * 86_400_000
    self.rules = rules
    self.nowMs = nowMs
  }

  mutating func add(_ message: CheckClient.Message) {
    var batch = IngestBatch()
    batch.append(
      topic: message.topic, payload: message.payload.span, isRetained: false, rules: rules, nowMs: nowMs)
    if message.qos == 0 { atMostOnce.formUnion(batch.cameras()) }
    for entry in batch.entries {
      switch entry {
      case .event(let event, let camera), .total(let event, let camera, _, _, _):
        events += 1
        skews[camera, default: []].append(nowMs - event.timestampMs)
      case .rejected(let input):
        let (rejection, camera) = (input.rejection, input.camera)
        rejected += 1
        if firstRejection == nil {
          firstRejection = "camera \(camera): \(rejection.field.map { $0 + " " } ?? "")\(rejection.detail)"
        }
      case .cameraStatus, .ignored: break
      default: break
      }
    }
  }
}
