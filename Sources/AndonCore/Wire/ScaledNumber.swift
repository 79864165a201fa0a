/// A figure as an exact integer: `scaled / 10^digits`, `digits` ≥ 1.
package struct ScaledNumber: Sendable {
  package let scaled: Int64
  package let digits: Int

  /// With exactly `digits` places.
  package var text: String {
    var bytes: [UInt8] = []
    JSONWriter.append(scaled: scaled, digits: digits, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }
}
