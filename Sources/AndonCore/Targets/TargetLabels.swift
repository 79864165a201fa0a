/// What is made towards a target. Shown, and part of no figure.
public struct TargetLabels: Sendable, Hashable {
  public var order: String?
  public var product: String?

  public init(order: String? = nil, product: String? = nil) { (self.order, self.product) = (order, product) }
}
