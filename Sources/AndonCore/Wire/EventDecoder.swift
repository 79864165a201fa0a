/// Decodes payloads: bytes in, events or precise rejections out.
///
/// One pass over the bytes, no tree. A message that is no JSON text is one rejection and gives no event; the
/// items of an array are judged one by one. Time is linear in the bytes, memory in the events.
public struct EventDecoder: Sendable {
  private let limits: DecoderLimits

  public init(limits: DecoderLimits = DecoderLimits()) { self.limits = limits }

  /// Appends the items of the payload, at least one. An empty payload appends nothing.
  public func decode(_ payload: Span<UInt8>, context: DecodeContext, into items: inout [DecodedItem]) {
    guard payload.count > 0 else { return }
    let start = items.count
    let whole = 0..<payload.count
    guard payload.count <= limits.messageBytes else {
      items.append(.rejected(tooLarge("message", limits.messageBytes), bytes: whole))
      return
    }
    do {
      if let rejection = try decodeMessage(payload, context: context, into: &items) {
        items.removeSubrange(start...)
        items.append(.rejected(rejection, bytes: whole))
      }
    } catch {
      items.removeSubrange(start...)
      let detail = "\(error.detail) at byte \(error.position)"
      items.append(.rejected(Rejection(code: .json, field: nil, detail: detail), bytes: whole))
    }
  }

  /// Returns why the message as a whole is refused, or nil.
  private func decodeMessage(
    _ payload: Span<UInt8>, context: DecodeContext, into items: inout [DecodedItem]
  ) throws(JSONFailure) -> Rejection? {
    var scanner = JSONScanner(depthLimit: limits.depth)
    var count = 0
    scanner.skipSpace(payload)
    switch try scanner.peek(payload) {
    case UInt8(ascii: "{"):
      items.append(try item(&scanner, payload, depth: 0, context: context))
      count = 1
    case UInt8(ascii: "["):
      try scanner.array(payload, depth: 0) { (scanner) throws(JSONFailure) in
        count += 1
        let item = try item(&scanner, payload, depth: 1, context: context)
        if count <= limits.arrayItems { items.append(item) }
      }
    default:
      _ = try scanner.value(payload, depth: 0)
    }
    scanner.skipSpace(payload)
    guard scanner.position == payload.count else { throw scanner.failure("trailing bytes") }
    if count == 0 {
      return Rejection(code: .schema, field: nil, detail: "must be an object or an array of objects")
    }
    if count > limits.arrayItems {
      return Rejection(code: .tooLarge, field: nil, detail: "must have at most \(limits.arrayItems) events")
    }
    return nil
  }

  private func item(
    _ scanner: inout JSONScanner, _ payload: Span<UInt8>, depth: Int, context: DecodeContext
  ) throws(JSONFailure) -> DecodedItem {
    let start = scanner.position
    guard try scanner.peek(payload) == UInt8(ascii: "{") else {
      _ = try scanner.value(payload, depth: depth)
      return .rejected(
        Rejection(code: .schema, field: nil, detail: "must be an object"), bytes: start..<scanner.position)
    }
    let fields = try EventFields(&scanner, payload, depth: depth)
    let range = start..<scanner.position
    do throws(Rejection) {
      guard range.count <= limits.eventBytes else { throw tooLarge("event", limits.eventBytes) }
      return .event(try EventReader(context: context).event(fields, payload))
    } catch {
      var rejection = error
      rejection.eventID = EventReader.eventID(fields, payload)
      rejection.sequence = try? EventReader.sequence(fields, payload)
      return .rejected(rejection, bytes: range)
    }
  }

  private func tooLarge(_ what: String, _ limit: Int) -> Rejection {
    Rejection(code: .tooLarge, field: nil, detail: "the \(what) must have at most \(limit) bytes")
  }
}
