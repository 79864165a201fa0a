/// A worker was erased: who keeps rows of that worker must take the person out of them: out of events up to `atMs`, and
/// final figures of windows that began before it. A worker who comes later may have the same id.
///
/// The worker's id is not in it, since the log would keep what the file must not have any more. A row is of the worker
/// if HMAC-SHA-256 of its id, with `salt` as the key, is `digest`.
package struct ShippedErasure: Sendable, Hashable {
  package var atMs: Int64
  package var salt: [UInt8]
  /// 64 hexadecimal digits.
  package var digest: String
  /// The name that the events have in the file now. Empty when there are none, or the name is not known: then the events
  /// of the worker are to be deleted, and come again.
  package var replacement: String

  package init(atMs: Int64, salt: [UInt8], digest: String, replacement: String) {
    (self.atMs, self.salt, self.digest, self.replacement) = (atMs, salt, digest, replacement)
  }
}

extension ShippedErasure {
  func append(to writer: inout ShipBodyBuffer) {
    writer.append(timeMs: atMs)
    writer.append(bytes: salt)
    for text in [digest, replacement] { writer.append(name: text) }
  }

  init(_ reader: inout ShipBodyReader) throws(ShipBodyError) {
    atMs = try reader.timeMs()
    salt = try reader.bytes()
    digest = try reader.name()
    replacement = try reader.name()
  }
}
