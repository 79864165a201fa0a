/// The dead-man's switch that hears from the bridge while it works.
package struct NotifyHeartbeatSettings: Sendable, Equatable {
  package var url: NotifyURL
  package var everyMs: Int64
  package var caFile: String?

  package init(url: NotifyURL, everyMs: Int64, caFile: String? = nil) {
    self.url = url
    self.everyMs = everyMs
    self.caFile = caFile
  }
}
