extension JSONWriter {
  /// The fields that every form of an event has in common, in one order: who, where, what, how sure, how many. Empty
  /// and absent values are left out.
  ///
  /// - Parameter hasEventID: Whether `event_id` is among them.
  package mutating func fields(of event: Event, hasEventID: Bool = true) {
    if !event.workerID.isEmpty { field("worker_id", event.workerID) }
    field("workstation_id", event.workstationID)
    field("event_type", event.kind.name)
    if let confidence = event.confidencePpm { field("confidence", scaled: Int64(confidence), digits: 6) }
    if event.kind == .productCount { field("count", Int64(event.count)) }
    if hasEventID, !event.eventID.isEmpty { field("event_id", event.eventID) }
    if !event.modelVersion.isEmpty { field("model_version", event.modelVersion) }
  }
}
