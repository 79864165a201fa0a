/// A half-open span of time `[startMs, endMs)` that KPIs are computed for.
public struct Window: Sendable, Hashable {
  /// Nil for a range that was asked for.
  public var kind: WindowKind?
  public var startMs: Int64
  public var endMs: Int64
  public var shiftID: String?
  /// The breaks of a shift as instants: sorted, inside the window and disjoint.
  public let breaks: [Range<Int64>]
  /// What of the window is planned; nil for a site without shifts.
  public let planned: PlannedTime?

  /// A shift plans its time less its breaks.
  public init(
    kind: WindowKind?, startMs: Int64, endMs: Int64, shiftID: String? = nil, breaks: [Range<Int64>] = [],
    planned: PlannedTime? = nil
  ) {
    self.kind = kind
    self.startMs = startMs
    self.endMs = endMs
    self.shiftID = shiftID
    self.breaks = breaks
    self.planned =
      kind == .shift ? PlannedTime(Self.spans(startMs, endMs, without: breaks)) : planned
  }

  /// A window over any range.
  public init(fromMs: Int64, toMs: Int64, planned: PlannedTime? = nil) {
    self.init(kind: nil, startMs: fromMs, endMs: toMs, planned: planned)
  }

  /// Whether it is the same window, perhaps planned otherwise.
  public func isSame(as other: Window) -> Bool {
    (kind, startMs, endMs, shiftID) == (other.kind, other.startMs, other.endMs, other.shiftID)
  }

  /// The name on the wire.
  public var name: String { kind?.rawValue ?? Self.customName }

  static let customName = "custom"

  private static func spans(
    _ startMs: Int64, _ endMs: Int64, without breaks: [Range<Int64>]
  ) -> [Range<Int64>] {
    var spans: [Range<Int64>] = []
    var start = startMs
    for pause in breaks {
      if start < pause.lowerBound { spans.append(start..<pause.lowerBound) }
      start = max(start, pause.upperBound)
    }
    if start < endMs { spans.append(start..<endMs) }
    return spans
  }
}
