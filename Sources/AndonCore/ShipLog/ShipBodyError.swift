/// Why a body of the log cannot be read.
package enum ShipBodyError: Error, Hashable {
  /// A newer Andon wrote it.
  case unknownVersion(UInt8)
  case unknownRecord(UInt8)
  /// It has more bytes than `ShipBody.mostBytes`.
  case tooLarge(Int)
  /// The bytes at this place do not hold what is expected there.
  case damaged(String, at: Int)

  package var words: String {
    switch self {
    case .unknownVersion(let version): "it has version \(version), which this program does not know"
    case .unknownRecord(let number): "it has a record of kind \(number), which this program does not know"
    case .tooLarge(let count): "it has \(count) bytes, more than a body has"
    case .damaged(let what, let place): "its byte \(place) is no \(what)"
    }
  }
}
