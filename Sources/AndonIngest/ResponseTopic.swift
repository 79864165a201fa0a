/// Where an answer may go: a legal topic that is none of Andon's own, so that nobody can have it write a false
/// KPI or event with the bridge's rights.
package enum ResponseTopic {
  package static func isAllowed(_ topic: String, root: String) -> Bool {
    !topic.isEmpty && topic.utf8.count <= 512 && !topic.hasPrefix("$")
      && !topic.utf8.contains { $0 == 0 || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "#") }
      && topic != root && !topic.hasPrefix(root + "/")
  }
}
