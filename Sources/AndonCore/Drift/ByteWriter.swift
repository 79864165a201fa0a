/// Appends integers and texts to bytes, little-endian.
package struct ByteWriter {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package mutating func append(_ value: Int64) {
    for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
  }

  mutating func append(_ values: [Int64]) {
    for value in values { append(value) }
  }

  mutating func append(_ value: Int32) {
    for shift in stride(from: 0, to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
  }

  package mutating func append(bytes more: [UInt8]) { bytes.append(contentsOf: more) }

  package mutating func append(text: String) {
    append(Int64(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }
}
