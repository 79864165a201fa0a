/// What a route can match of an alert.
public struct NotifySubject: Sendable, Hashable {
  public var siteID: String
  public var alertClass: String
  public var priority: String
  /// The line of the alert's source; nil where it belongs to none.
  public var line: String?

  public init(siteID: String, alertClass: String, priority: String, line: String? = nil) {
    self.siteID = siteID
    self.alertClass = alertClass
    self.priority = priority
    self.line = line
  }
}
