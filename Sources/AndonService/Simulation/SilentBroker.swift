/// The broker has the connection and answers nothing.
struct SilentBroker: Error, CustomStringConvertible {
  let seconds: Int

  var description: String { "the broker has answered nothing for \(seconds) s" }
}
