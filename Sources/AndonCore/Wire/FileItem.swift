/// One event in a line of a file, with the camera that it names: on MQTT the topic names it, a file has no
/// topic.
public struct FileItem: Sendable, Equatable {
  /// Its range in the line.
  public var bytes: Range<Int>
  /// Its `camera_id`; nil when that is missing or invalid.
  public var cameraID: String?

  /// The object of a line, or the items of its array. Nil when the line is neither, or larger than a message
  /// may be: then pass the whole line to the decoder, which says what is wrong. O(bytes).
  public static func items(
    _ line: Span<UInt8>, limits: DecoderLimits = DecoderLimits()
  ) -> [FileItem]? {
    guard line.count <= limits.messageBytes else { return nil }
    var scanner = JSONScanner(depthLimit: limits.depth)
    var items: [FileItem] = []
    do throws(JSONFailure) {
      scanner.skipSpace(line)
      guard try scanner.peek(line) == UInt8(ascii: "[") else {
        items.append(try item(&scanner, line, depth: 0))
        scanner.skipSpace(line)
        return scanner.position == line.count ? items : nil
      }
      try scanner.array(line, depth: 0) { (scanner) throws(JSONFailure) in
        items.append(try item(&scanner, line, depth: 1))
      }
      scanner.skipSpace(line)
    } catch {
      return nil
    }
    return scanner.position == line.count && (1...limits.arrayItems).contains(items.count) ? items : nil
  }

  private static func item(
    _ scanner: inout JSONScanner, _ line: Span<UInt8>, depth: Int
  ) throws(JSONFailure) -> FileItem {
    let start = scanner.position
    guard try scanner.peek(line) == UInt8(ascii: "{") else {
      _ = try scanner.value(line, depth: depth)
      return FileItem(bytes: start..<scanner.position, cameraID: nil)
    }
    var camera: String?
    var keys = JSONKeySet()
    try scanner.object(line, depth: depth) { (scanner, key) throws(JSONFailure) in
      guard keys.insert(key, line) else { throw scanner.failure("duplicate key") }
      let value = try scanner.value(line, depth: depth + 1)
      if EventField.named(key, line) == .cameraID { camera = Self.camera(value, line) }
    }
    return FileItem(bytes: start..<scanner.position, cameraID: camera)
  }

  /// Read like other ids of events: a string, or an integer that stands for its digits.
  private static func camera(_ value: JSONValueRange, _ line: Span<UInt8>) -> String? {
    guard value.kind == .string || value.kind == .number,
      JSONText.satisfies(value, line, Identifier.isValid)
    else { return nil }
    let text = JSONText.string(value, line)
    let isDigits = text.utf8.allSatisfy { $0 &- UInt8(ascii: "0") < 10 }
    return value.kind == .string || isDigits ? text : nil
  }
}
