/// What a figure is worth, in the numbers of OPC.
public enum OPCQuality: Int64, Sendable, Hashable, CaseIterable {
  case noData = 0
  /// Too little coverage.
  case uncertain = 64
  case good = 192
  case stale = 500
}
