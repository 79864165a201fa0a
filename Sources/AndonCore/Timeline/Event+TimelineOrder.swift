extension Event {
  /// The total order of a worker's timeline. It never depends on the order of arrival.
  public static func timelinePrecedes(_ left: Event, _ right: Event) -> Bool {
    if left.timestampMs != right.timestampMs { return left.timestampMs < right.timestampMs }
    let (leftConfidence, rightConfidence) = (left.confidencePpm ?? -1, right.confidencePpm ?? -1)
    if leftConfidence != rightConfidence { return leftConfidence < rightConfidence }
    if left.kind != right.kind { return left.kind.rawValue < right.kind.rawValue }
    if left.eventID != right.eventID { return left.eventID < right.eventID }
    return left.workstationID < right.workstationID
  }
}
