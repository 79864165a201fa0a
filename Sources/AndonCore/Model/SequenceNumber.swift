/// Which of its camera's events an event is. It is no part of the event's identity and is not stored with it.
public struct SequenceNumber: Sendable, Hashable {
  /// 0…`largest`; one more for each event of the camera.
  public var number: Int64
  /// Names the count that the number belongs to: a camera that restarts begins a new one. The empty string for a camera
  /// that names none.
  public var bootID: String

  /// 2⁵³ − 1: up to here every sender's numbers are exact.
  public static let largest: Int64 = 1 << 53 - 1

  public init(_ number: Int64, bootID: String = "") {
    self.number = number
    self.bootID = bootID
  }
}
