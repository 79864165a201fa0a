package import AndonCore
import AndonStore

/// Bytes that were rejected, with the reason.
package struct RejectedInput: Sendable {
  package var rejection: Rejection
  /// Empty when the topic names no camera.
  package let camera: String
  let topic: String
  /// What is kept of the bytes.
  let payload: [UInt8]
  /// How many bytes there were; may be less than `payload` has, which then counts.
  let payloadBytes: Int
  var form = QuarantineForm.received
}

extension RejectedInput {
  /// Only the reason and the length are kept.
  var withoutText: RejectedInput {
    var rejection = rejection
    rejection.eventID = nil
    return RejectedInput(
      rejection: rejection, camera: camera, topic: topic, payload: [],
      payloadBytes: max(payloadBytes, payload.count), form: form)
  }

  /// An event that was decoded and then rejected for what the site knows. It is kept as an event in Andon's format;
  /// of one of a worker who was erased only the length is kept.
  init(_ event: Event, _ rejection: Rejection, camera: String, rules: IngestRules) {
    let payload = EventWriter.json(event)
    self.init(
      rejection: rejection, camera: camera, topic: rules.topics.event(site: rules.siteID, camera: camera),
      payload: rejection.code == .erased ? [] : payload, payloadBytes: payload.count,
      form: rules.pseudonyms == nil ? .received : .workerReplaced)
  }
}
