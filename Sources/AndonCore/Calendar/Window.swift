/// A half-open span of time `[startMs, endMs)` that KPIs are computed for.
public struct Window: Sendable, Hashable {
  /// Nil for a range that was asked for.
  public var kind: WindowKind?
  public var startMs: Int64
  public var endMs: Int64
  public var shiftID: String?
  /// The breaks of a shift as instants: sorted, inside the window and disjoint.
  public var breaks: [Range<Int64>]

  public init(
    kind: WindowKind?, startMs: Int64, endMs: Int64, shiftID: String? = nil, breaks: [Range<Int64>] = []
  ) {
    self.kind = kind
    self.startMs = startMs
    self.endMs = endMs
    self.shiftID = shiftID
    self.breaks = breaks
  }

  /// A window over any range.
  public init(fromMs: Int64, toMs: Int64) { self.init(kind: nil, startMs: fromMs, endMs: toMs) }

  /// The name on the wire.
  public var name: String { kind?.rawValue ?? Self.customName }

  static let customName = "custom"

  /// The planned time before `limitMs`: the window less its breaks.
  func plannedSpans(until limitMs: Int64) -> [Range<Int64>] {
    var spans: [Range<Int64>] = []
    var start = startMs
    let limit = min(limitMs, endMs)
    for pause in breaks {
      if start < min(pause.lowerBound, limit) { spans.append(start..<min(pause.lowerBound, limit)) }
      start = max(start, pause.upperBound)
    }
    if start < limit { spans.append(start..<limit) }
    return spans
  }
}
