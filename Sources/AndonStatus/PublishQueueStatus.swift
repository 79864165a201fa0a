/// What the queue of publications says of itself. Asked from any thread.
package protocol PublishQueueStatus: Sendable {
  /// Publications that wait to be sent.
  var depth: Int { get }
  /// Publications refused since the start, repeated ones included.
  var refusedCount: Int64 { get }
  /// What is refused now, in words; nil while nothing is.
  ///
  /// - Parameter nowMs: monotonic milliseconds.
  func refusalWords(nowMs: Int64) -> String?
}
