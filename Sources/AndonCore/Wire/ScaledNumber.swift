/// A figure as an exact integer: `scaled / 10^digits`, `digits` ≥ 1.
package struct ScaledNumber: Sendable {
  package let scaled: Int64
  package let digits: Int
}
