/// Where libmosquitto's callbacks leave what happened. The library holds an unretained pointer to it, so a
/// `Connection` destroys its handle before it lets go of this.
final class CallbackState {
  var events: [ConnectionEvent] = []
  /// The batch that `receive` fills; messages arrive only inside that call.
  var batch: MessageBatch?
  /// The library's last words of warning, for error messages.
  var log: [String] = []
  /// Grows with every callback, so that progress can be told from an idle socket.
  var progress: UInt64 = 0

  func note(_ event: ConnectionEvent) {
    events.append(event)
    progress &+= 1
  }

  func note(log text: String) {
    log.append(text)
    if log.count > 8 { log.removeFirst() }
  }
}
