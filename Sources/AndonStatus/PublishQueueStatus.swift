/// The state of the publish queue; may be read from any thread.
package protocol PublishQueueStatus: Sendable {
  /// How many publications wait.
  var depth: Int { get }
  /// Publications refused since the start, repeated ones included.
  var refusedCount: Int64 { get }
  /// The current refusals as text; nil while there are none.
  ///
  /// - Parameter nowMs: monotonic milliseconds.
  func refusalWords(nowMs: Int64) -> String?
}
