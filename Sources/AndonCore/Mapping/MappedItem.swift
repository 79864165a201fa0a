/// What became of one event of a foreign payload.
package struct MappedItem: Sendable, Equatable {
  package enum Outcome: Sendable, Equatable {
    case event(Event)
    /// The event's `count` is still to be told from the counter's last reading.
    case total(Event, total: Int64)
    /// `bytes` is where the offending text lies in the payload.
    case rejected(Rejection, bytes: Range<Int>)
    /// No mapping means it; `reason` says which condition did not hold.
    case ignored(reason: String)
  }

  /// How one field came to its value.
  package struct Field: Sendable, Equatable {
    package var field: MappingField
    /// The source that had a value, as one would write it.
    package var origin: String
    /// JSON text.
    package var json: [UInt8]
  }

  package var outcome: Outcome
  /// The mapping; empty where none was chosen.
  package var mapping: String
  /// Empty where it could not be told.
  package var camera: String
  package var fields: [Field] = []

  package init(outcome: Outcome, mapping: String = "", camera: String = "") {
    self.outcome = outcome
    self.mapping = mapping
    self.camera = camera
  }
}
