/// The broker did not start; its log says why.
public struct BrokerFailure: Error, CustomStringConvertible {
  public let log: String

  public var description: String { "mosquitto did not start: \(log)" }
}
