/// Whom an answer shows, for the access log.
struct Look: Sendable, Hashable {
  /// The one worker whom the request named.
  var workerID: String?
  /// How many workers the answer has; of the quarantine, how many events.
  var subjects: Int
  var fromMs: Int64?
  var toMs: Int64?

  /// An empty answer shows no worker, unless it was asked for one: it says that there is nothing of that one.
  var showsSomebody: Bool { subjects > 0 || workerID != nil }
}
