/// A message as a test client received it.
public struct Received: Sendable, Equatable {
  public let topic: String
  public let payload: [UInt8]
  public let isRetained: Bool

  public init(topic: String, payload: [UInt8], isRetained: Bool) {
    self.topic = topic
    self.payload = payload
    self.isRetained = isRetained
  }

  public var text: String { String(decoding: payload, as: UTF8.self) }
}
