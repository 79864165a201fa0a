/// What a client of the stream wants to see; clients with equal filters share their bytes.
package struct StreamFilter: Sendable, Hashable {
  /// Nil: every site.
  var siteID: String?
  /// The sites that the client may see; nil: every site.
  var sites: Set<String>?
  var kinds: Set<StreamMessage.Kind>
  var scopes: Set<String>
  /// Empty: every window.
  var windows: Set<String>

  func wants(_ message: StreamMessage) -> Bool {
    guard kinds.contains(message.kind), siteID == nil || siteID == message.siteID,
      sites?.contains(message.siteID) ?? true
    else { return false }
    guard message.kind == .kpi else { return true }
    return scopes.contains(message.scope) && (windows.isEmpty || windows.contains(message.window))
  }
}
