import Foundation

/// The payload of a STATE message.
struct HostState: Decodable {
  var online: Bool
  /// Epoch milliseconds.
  var timestamp: Int64

  /// Nil for anything else.
  init?(payload: [UInt8]) {
    guard payload.count <= 4096, let state = try? JSONDecoder().decode(HostState.self, from: Data(payload))
    else { return nil }
    self = state
  }
}
