/// A body of the log that is not what was committed, or that this program cannot read.
struct DamagedShipBody: Error {
  var seq: Int64
  var words: String
}
