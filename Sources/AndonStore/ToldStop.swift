package import AndonCore

/// The last that was told of a stop.
package struct ToldStop: Sendable, Equatable {
  package var stop: Stop
  package var revision: Int64
  package var isRetracted: Bool
  /// A checksum of what was told, without what time alone changes (`StopRecord.face`).
  package var face: Int64
  /// As it was sent.
  package var payload: [UInt8]

  package init(stop: Stop, revision: Int64, isRetracted: Bool, face: Int64, payload: [UInt8]) {
    (self.stop, self.revision, self.isRetracted) = (stop, revision, isRetracted)
    (self.face, self.payload) = (face, payload)
  }
}
