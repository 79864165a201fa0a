/// One row of the journal, as far as a report needs it.
public struct AlarmReportRow: Sendable, Hashable {
  public var alertID: String
  public var modelVersion: String
  public var occurrenceID: String
  public var event: String
  public var page: Bool
  /// The clock's time when it was recorded.
  public var notedMs: Int64
  /// How many transitions the row stands for.
  public var count: Int64
  public var state: String
  /// A shelved alert hides its state: whether it was raised and is not over.
  public var isRaised: Bool

  public init(
    alertID: String, modelVersion: String, occurrenceID: String, event: String, page: Bool, notedMs: Int64,
    count: Int64, state: String, isRaised: Bool
  ) {
    self.alertID = alertID
    self.modelVersion = modelVersion
    self.occurrenceID = occurrenceID
    self.event = event
    self.page = page
    self.notedMs = notedMs
    self.count = count
    self.state = state
    self.isRaised = isRaised
  }

  /// `plant-a/drift/cam-01` → `drift`.
  var alertClass: String {
    let parts = alertID.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count > 1 ? String(parts[1]) : ""
  }

  /// A person sees a new alert.
  var isRaise: Bool { event == "raised" || event == "reopened" }

  /// The condition holds after it, shelved or not.
  var isOn: Bool { state == "unack_active" || state == "acked_active" || state == "shelved" && isRaised }
}
