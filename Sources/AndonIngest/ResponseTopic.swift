/// Checks response topics: a legal topic outside Andon's root, so that no client can make the bridge publish
/// a false KPI or event with its own access rights.
package enum ResponseTopic {
  package static func isAllowed(_ topic: String, root: String) -> Bool {
    !topic.isEmpty && topic.utf8.count <= 512 && !topic.hasPrefix("$")
      && !topic.utf8.contains { $0 == 0 || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "#") }
      && topic != root && !topic.hasPrefix(root + "/")
  }
}
