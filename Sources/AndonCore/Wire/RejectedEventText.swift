/// The text of a rejected event as far as it can be kept without the worker's id: the fields of Andon's own format.
/// Others are left out, because any of them may name the worker.
package struct RejectedEventText {
  /// Nil when the field is missing or is no valid id.
  package let workerID: String?
  /// It is of a kind that needs no worker, and names none.
  package let isOfNoWorker: Bool
  /// Nil when the field is missing or cannot be read.
  package let timestampMs: Int64?
  package let eventID: String?
  /// The fields that are kept as they came: name and JSON text. Values that are lists or objects are `null`.
  private var kept: [(field: EventField, json: [UInt8])] = []

  /// Nil for bytes that are not one JSON object with distinct keys. O(bytes).
  package init?(_ bytes: Span<UInt8>, context: DecodeContext) {
    var scanner = JSONScanner(depthLimit: DecoderLimits().depth)
    let fields: EventFields
    do throws(JSONFailure) {
      scanner.skipSpace(bytes)
      guard bytes.count > scanner.position, try scanner.peek(bytes) == UInt8(ascii: "{") else { return nil }
      fields = try EventFields(&scanner, bytes, depth: 0)
      scanner.skipSpace(bytes)
      guard scanner.position == bytes.count else { return nil }
    } catch {
      return nil
    }
    let reader = EventReader(context: context)
    workerID = reader.workerID(fields, bytes)
    isOfNoWorker = fields[.workerID] == nil && reader.eventKind(fields, bytes) == .productCount
    timestampMs = reader.timestampMs(fields, bytes)
    eventID = EventReader.eventID(fields, bytes)
    for number in 0..<EventFields.count {
      guard let field = EventField(rawValue: number), let value = fields[field] else { continue }
      kept.append((field, Self.json(value, bytes)))
    }
  }

  /// The event object with another worker id and event id; without them where they are nil. An id that was not valid
  /// becomes an empty text, which is refused by the same rule.
  package func json(workerID: String?, eventID: String?) -> [UInt8] {
    var writer = JSONWriter(capacity: 256)
    for (field, json) in kept {
      let name = field.name.description
      switch field {
      case .workerID: writer.field(name, workerID ?? "")
      case .eventID: writer.field(name, eventID ?? "")
      default: writer.field(name, json: json)
      }
    }
    return writer.end()
  }

  private static func json(_ value: JSONValueRange, _ bytes: Span<UInt8>) -> [UInt8] {
    switch value.kind {
    case .string:
      return [UInt8(ascii: "\"")] + JSONText.plainBytes(value.range, bytes) + [UInt8(ascii: "\"")]
    case .number, .bool, .null: return JSONText.plainBytes(value.range, bytes)
    case .object, .array: return Array("null".utf8)
    }
  }
}
