/// A shift and what people call it.
public struct ShiftName: Sendable, Hashable {
  public var id: String
  /// For people; nil when none was given.
  public var name: String?
  /// The line whose own shift it is; nil for one of the site.
  public var lineID: String?

  public init(id: String, name: String? = nil, lineID: String? = nil) {
    (self.id, self.name, self.lineID) = (id, name, lineID)
  }
}
