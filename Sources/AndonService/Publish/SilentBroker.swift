/// The broker holds the connection but has owed an answer for too long.
struct SilentBroker: Error, CustomStringConvertible {
  let seconds: Int64

  var description: String { "the broker has owed an acknowledgement for \(seconds) s" }
}
