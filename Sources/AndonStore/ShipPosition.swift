/// A place in a site's log: the number of a body, and the hash chain up to it. (0, 0) is the beginning.
package struct ShipPosition: Sendable, Hashable {
  package var seq: Int64
  package var tip: Int64

  package init(seq: Int64, tip: Int64) { (self.seq, self.tip) = (seq, tip) }

  package static let start = ShipPosition(seq: 0, tip: 0)
}
