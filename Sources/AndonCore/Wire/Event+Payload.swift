extension Event {
  /// The fields that every form of an event has in common, in one order: who, where, what, how sure, how many. Empty
  /// and absent values are left out.
  package static let payloadFields: [PayloadField<Event>] = [
    .optional("worker_id", .identifier("The worker; left out for units without one, and after an erasure")) {
      $0.workerID.isEmpty || ErasedName.isErased($0.workerID) ? nil : $0.workerID
    },
    .required("workstation_id", .identifier("The workstation")) { $0.workstationID },
    .required("event_type", .words("What it saw", EventKind.allCases.map(\.name))) { $0.kind.name },
    .optional("confidence", .fraction("The model's")) { $0.confidencePpm },
    .optional("count", .count("Units", most: 10_000)) { $0.kind == .productCount ? $0.count : nil },
    .optional("event_id", .text("The sender's own id")) { $0.eventID.isEmpty ? nil : $0.eventID },
    .optional("model_version", .text("The vision model")) { $0.modelVersion.isEmpty ? nil : $0.modelVersion },
  ]
}
