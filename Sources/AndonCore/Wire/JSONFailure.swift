/// Why bytes are no acceptable JSON text, and where.
struct JSONFailure: Error {
  var detail: String
  /// Byte offset from the start of the payload.
  var position: Int
}
