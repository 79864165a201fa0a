/// Decodes foreign payloads by a site's mappings: bytes in, events or precise rejections out.
///
/// Every message gives at least one item. The result of a mapping is written as an event of Andon's own
/// format and read by `EventDecoder`, so that the same rules hold for all cameras. Time is linear in the
/// bytes, times the sources of the mapping.
package struct PayloadMapper: Sendable {
  /// Foreign payloads may nest deeper than events of Andon's own format.
  package static let depth = 16
  private let limits: DecoderLimits
  private let decoder: EventDecoder

  package init(limits: DecoderLimits = DecoderLimits()) {
    self.limits = limits
    decoder = EventDecoder(limits: limits)
  }

  /// Appends the items of the payload. The first mapping applies whose conditions on the message hold. The
  /// camera of the context is ignored.
  package func decode(
    _ payload: Span<UInt8>, route: MappingTable.Route, table: MappingTable, context: DecodeContext,
    into items: inout [MappedItem]
  ) {
    var reasons: [String] = []
    for (index, captures) in route.candidates {
      let rule = table.rules[index]
      switch message(payload, rule) {
      case .refused(let rejection):
        items.append(
          MappedItem(outcome: .rejected(rejection, bytes: 0..<payload.count), mapping: rule.name))
        return
      case .readable(let start, let text):
        var values = MessageValues(captures: captures, start: start, depthLimit: Self.depth, text: text)
        let unmet = rule.conditions.first {
          (rule.each == nil || $0.isOfMessage) && !$0.holds(for: values.value($0.source.origin, payload))
        }
        guard let unmet else {
          decode(payload, rule, &values, text, context, into: &items)
          return
        }
        reasons.append("\(rule.name) only means messages where \(unmet.description)")
      }
    }
    items.append(MappedItem(outcome: .ignored(reason: reasons.joined(separator: "; "))))
  }

  // MARK: The message as a whole

  private enum Message {
    case readable(start: Int, text: String?)
    case refused(Rejection)
  }

  private func message(_ payload: Span<UInt8>, _ rule: MappingRule) -> Message {
    guard payload.count <= limits.messageBytes else {
      return .refused(
        Rejection(
          code: .tooLarge, field: nil, detail: "the message must have at most \(limits.messageBytes) bytes"))
    }
    guard rule.payload == .json else { return text(payload) }
    var scanner = JSONScanner(depthLimit: Self.depth)
    do throws(JSONFailure) {
      scanner.skipSpace(payload)
      let start = scanner.position
      _ = try scanner.value(payload, depth: 0)
      scanner.skipSpace(payload)
      guard scanner.position == payload.count else { throw scanner.failure("trailing bytes") }
      return .readable(start: start, text: nil)
    } catch {
      return .refused(
        Rejection(code: .json, field: nil, detail: "\(error.detail) at byte \(error.position)"))
    }
  }

  private func text(_ payload: Span<UInt8>) -> Message {
    guard payload.count <= limits.eventBytes else {
      return .refused(
        Rejection(
          code: .tooLarge, field: nil, detail: "bare text must have at most \(limits.eventBytes) bytes"))
    }
    let bytes = JSONText.plainBytes(0..<payload.count, payload)
    guard let text = String(validating: bytes, as: UTF8.self), bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
    else {
      return .refused(
        Rejection(code: .schema, field: nil, detail: "must be UTF-8 text without control characters"))
    }
    return .readable(start: 0, text: text)
  }

  // MARK: Its events

  private func decode(
    _ payload: Span<UInt8>, _ rule: MappingRule, _ values: inout MessageValues, _ text: String?,
    _ context: DecodeContext, into items: inout [MappedItem]
  ) {
    guard let each = rule.each else {
      items.append(item(payload, rule, &values, 0..<payload.count, context))
      return
    }
    func refuse(_ code: RejectionCode, _ detail: String) {
      items.append(
        MappedItem(
          outcome: .rejected(
            Rejection(code: code, field: each.description, detail: detail), bytes: 0..<payload.count),
          mapping: rule.name))
    }
    let array = text == nil ? each.find(payload, from: values.eventStart, depthLimit: Self.depth) : nil
    guard let elements = array?.elements(payload, depthLimit: Self.depth) else {
      return refuse(.schema, "must be an array of events")
    }
    guard elements.count <= limits.arrayItems else {
      return refuse(.tooLarge, "must have at most \(limits.arrayItems) events")
    }
    if elements.isEmpty {
      items.append(
        MappedItem(outcome: .ignored(reason: "\(each.description) is empty"), mapping: rule.name))
    }
    for element in elements {
      values.eventStart = element.lowerBound
      let unmet = rule.conditions.first {
        !$0.isOfMessage && !$0.holds(for: values.value($0.source.origin, payload))
      }
      if let unmet {
        items.append(
          MappedItem(
            outcome: .ignored(reason: "\(rule.name) only means elements where \(unmet.description)"),
            mapping: rule.name))
      } else {
        items.append(item(payload, rule, &values, element, context))
      }
    }
  }

  private func item(
    _ payload: Span<UInt8>, _ rule: MappingRule, _ values: inout MessageValues, _ range: Range<Int>,
    _ context: DecodeContext
  ) -> MappedItem {
    var item = MappedItem(outcome: .ignored(reason: ""), mapping: rule.name)
    item.isTotal = rule.countMode == .total
    do throws(Rejection) {
      for field in MappingField.allCases {
        guard let sources = rule.fields[field] else { continue }
        let reader = FieldReader(field: field, nowMs: context.nowMs, assumeUTC: context.assumeUTC)
        guard let value = try reader.value(sources, &values, payload) else { continue }
        item.fields.append(MappedItem.Field(field: field, origin: value.origin, json: value.json))
        if field == .cameraID { item.camera = try camera(value.json) }
      }
      item.outcome = try outcome(item, rule, context)
    } catch {
      item.outcome = .rejected(explained(error, item, rule), bytes: range)
    }
    return item
  }

  /// The camera's id; it must be valid because topics are made of it.
  private func camera(_ json: [UInt8]) throws(Rejection) -> String {
    let id = String(decoding: json.dropFirst().dropLast(), as: UTF8.self)
    guard Identifier.isValid(id) else {
      throw Rejection(
        code: .schema, field: MappingField.cameraID.rawValue,
        detail: "must be 1 to 64 of [A-Za-z0-9_-], beginning with a letter or digit")
    }
    return id
  }

  private func outcome(
    _ item: MappedItem, _ rule: MappingRule, _ context: DecodeContext
  ) throws(Rejection) -> MappedItem.Outcome {
    guard !item.camera.isEmpty else {
      throw Rejection(code: .schema, field: MappingField.cameraID.rawValue, detail: "is required")
    }
    var total: Int64?
    var writer = JSONWriter(capacity: 256)
    for field in item.fields where field.field != .cameraID {
      if field.field == .count, rule.countMode == .total {
        total = try Self.total(field.json)
        writer.field(field.field.rawValue, Int64(0))
      } else {
        writer.field(field.field.rawValue, json: field.json)
      }
    }
    // Without an event id, two readings of the same moment are told apart by their value.
    if let total, !item.fields.contains(where: { $0.field == .eventID }) {
      writer.field(MappingField.eventID.rawValue, "total-\(total)")
    }
    if rule.countMode == .total, total == nil {
      throw Rejection(code: .schema, field: MappingField.count.rawValue, detail: "is required")
    }
    var context = context
    context.cameraID = item.camera
    var decoded: [DecodedItem] = []
    decoder.decode(writer.end().span, context: context, into: &decoded)
    switch decoded.first {
    case .event(let event): return total.map { .total(event, total: $0) } ?? .event(event)
    case .rejected(let rejection, _): throw rejection
    case nil: throw Rejection(code: .schema, field: nil, detail: "has no fields")
    }
  }

  /// The reading of a counter: 0…2⁵³, the range in which every sender's numbers are exact.
  private static func total(_ json: [UInt8]) throws(Rejection) -> Int64 {
    guard let total = Int64(String(decoding: json, as: UTF8.self)), (0...1 << 53).contains(total) else {
      throw Rejection(
        code: .schema, field: MappingField.count.rawValue, detail: "a total must be a whole number from 0 on")
    }
    return total
  }

  /// Adds the sources that were tried to the message about a missing field.
  private func explained(_ rejection: Rejection, _ item: MappedItem, _ rule: MappingRule) -> Rejection {
    guard let field = rejection.field.flatMap(MappingField.init(rawValue:)), let sources = rule.fields[field],
      !item.fields.contains(where: { $0.field == field }), rejection.detail == "is required"
    else { return rejection }
    var rejection = rejection
    rejection.detail += ": nothing at \(sources.map(\.description).joined(separator: ", "))"
    return rejection
  }
}
