/// The values of a mapping's sources for one message, and for one element of it after another.
///
/// A value at the root is looked up once a message, so that a thousand elements cost time linear in the
/// bytes.
struct MessageValues {
  private let captures: [String]
  private let depthLimit: Int
  private var atRoot: [JSONPointer: MappedScalar?] = [:]
  /// A payload of bare text; nil for JSON.
  private let text: String?
  /// Where the current event begins.
  var eventStart: Int

  init(captures: [String], start: Int, depthLimit: Int, text: String?) {
    self.captures = captures
    eventStart = start
    rootStart = start
    self.depthLimit = depthLimit
    self.text = text
  }

  private let rootStart: Int

  /// The raw value, before map and conversion; nil when there is none.
  mutating func value(_ origin: MappingSource.Origin, _ bytes: Span<UInt8>) -> MappedScalar? {
    switch origin {
    case .constant(let text): return .text(text)
    case .receipt: return nil
    case .template(let parts):
      return .text(
        parts.map { part in
          switch part {
          case .text(let text): text
          case .capture(let index, _): captures[index]
          }
        }.joined())
    case .pointer(let pointer): return found(pointer, from: eventStart, bytes)
    case .rootPointer(let pointer):
      if let known = atRoot[pointer] { return known }
      let value = found(pointer, from: rootStart, bytes)
      atRoot[pointer] = .some(value)
      return value
    }
  }

  private func found(_ pointer: JSONPointer, from start: Int, _ bytes: Span<UInt8>) -> MappedScalar? {
    if let text { return pointer.tokens.isEmpty ? .text(text) : nil }
    return pointer.find(bytes, from: start, depthLimit: depthLimit)
      .flatMap { MappedScalar($0.value, bytes) }
  }
}
