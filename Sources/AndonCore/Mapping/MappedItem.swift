/// The result for one event of a foreign payload.
package struct MappedItem: Sendable, Equatable {
  package enum Outcome: Sendable, Equatable {
    case event(Event)
    /// The event's `count` still has to be computed from the counter's last reading.
    case total(Event, total: Int64)
    /// `bytes` is the range of the refused text in the payload.
    case rejected(Rejection, bytes: Range<Int>)
    /// No mapping applies; `reason` names the condition that did not hold.
    case ignored(reason: String)
  }

  /// The value of one field and where it came from.
  package struct Field: Sendable, Equatable {
    package var field: MappingField
    /// The source that had a value, in the notation of the configuration.
    package var origin: String
    /// JSON text.
    package var json: [UInt8]
  }

  package var outcome: Outcome
  /// It is the reading of a counter, of which no event can be made without the reading before.
  package var isTotal = false
  /// The name of the mapping; empty where none applied.
  package var mapping: String
  /// Empty where the camera could not be read.
  package var camera: String
  package var fields: [Field] = []

  package init(outcome: Outcome, mapping: String = "", camera: String = "") {
    self.outcome = outcome
    self.mapping = mapping
    self.camera = camera
  }

  /// The fields that were read, as an event in Andon's own format, without the camera.
  package var event: [UInt8] {
    var writer = JSONWriter(capacity: 256)
    for field in fields where field.field != .cameraID {
      writer.field(field.field.rawValue, json: field.json)
    }
    return writer.end()
  }
}
