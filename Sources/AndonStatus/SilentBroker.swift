/// The broker keeps the connection open but has owed an answer for too long.
package struct SilentBroker: Error, CustomStringConvertible {
  package let seconds: Int64

  package init(seconds: Int64) {
    self.seconds = seconds
  }

  package var description: String { "the broker has owed an acknowledgement for \(seconds) s" }
}
