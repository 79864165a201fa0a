/// What a client of the stream wants to see; clients with equal filters share their bytes.
package struct StreamFilter: Sendable, Hashable {
  /// Nil: every site.
  var siteID: String?
  var kinds: Set<StreamMessage.Kind>
  var scopes: Set<String>
  /// Empty: every window.
  var windows: Set<String>

  func wants(_ message: StreamMessage) -> Bool {
    guard kinds.contains(message.kind), siteID == nil || siteID == message.siteID else { return false }
    guard message.kind == .kpi else { return true }
    return scopes.contains(message.scope) && (windows.isEmpty || windows.contains(message.window))
  }
}
