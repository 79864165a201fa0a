/// The place of a JSON value in a text that was scanned before.
struct JSONLocation {
  let value: JSONValueRange
  /// From the first to the last byte of the value, a string's quotes included.
  let bytes: Range<Int>

  init(_ text: Span<UInt8>, at start: Int, depthLimit: Int) throws(JSONFailure) {
    var scanner = JSONScanner(depthLimit: depthLimit, position: start)
    value = try scanner.value(text, depth: 0)
    bytes = start..<scanner.position
  }

  /// The ranges of an array's elements; nil for any other value.
  func elements(_ text: Span<UInt8>, depthLimit: Int) -> [Range<Int>]? {
    guard value.kind == .array else { return nil }
    var scanner = JSONScanner(depthLimit: depthLimit, position: bytes.lowerBound)
    var elements: [Range<Int>] = []
    do throws(JSONFailure) {
      try scanner.array(text, depth: 0) { (scanner) throws(JSONFailure) in
        let start = scanner.position
        _ = try scanner.value(text, depth: 1)
        elements.append(start..<scanner.position)
      }
    } catch {
      return nil
    }
    return elements
  }
}
