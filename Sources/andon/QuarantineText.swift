import AndonCore
import AndonStore

/// How a rejected event is shown.
enum QuarantineText {
  static func json(_ row: QuarantineRow) -> [UInt8] {
    var writer = JSONWriter()
    writer.field("id", row.id)
    writer.field("received_at_ms", row.receivedAtMs)
    writer.field("camera_id", row.cameraID)
    writer.field("topic", row.topic)
    writer.field("code", row.code)
    writer.field("field", row.field)
    writer.field("detail", row.detail)
    writer.field("event_id", row.eventID)
    writer.field("payload", String(decoding: row.payload, as: UTF8.self))
    writer.field("payload_bytes", row.payloadBytes)
    if row.form != .received { writer.field("payload_form", row.form.name) }
    return writer.end()
  }

  /// For a person: the reason, and the payload with a mark below the offending field.
  static func text(_ row: QuarantineRow) -> String {
    let reason = [row.field, row.detail].filter { !$0.isEmpty }.joined(separator: " ")
    var lines = [
      "id        \(row.id)", "received  \(CivilTime.text(epochMs: row.receivedAtMs))",
      "camera    \(row.cameraID.isEmpty ? "none: the topic names no camera" : row.cameraID)",
      "topic     \(row.topic)", "reason    \(row.code): \(reason)",
    ]
    if !row.eventID.isEmpty { lines.append("event     \(row.eventID)") }
    let isWhole = row.payloadBytes == row.payload.count || row.form == .digest
    lines.append(
      "payload   \(row.payloadBytes) bytes\(isWhole ? "" : ", of which the first \(row.payload.count) were kept")"
    )
    switch row.form {
    case .received: break
    case .workerReplaced: lines.append("privacy   the worker's id was replaced before it was stored")
    case .digest:
      lines.append("privacy   only a hash was stored, as a worker may be named in it: it cannot be replayed")
    }
    let text = plain(row.payload)
    guard let place = place(of: row, in: text) else { return (lines + wrapped(text)).joined(separator: "\n") }
    // The line with the mark is cut so that it contains the field and its value.
    let start = max(0, place - lead)
    let rest = text[place...].prefix(width - (place - start))
    lines += wrapped(Array(text[..<start]))
    lines.append(indent + String(text[start..<place]) + String(rest))
    lines.append(indent + String(repeating: " ", count: place - start) + "^ \(reason)")
    return (lines + wrapped(Array(text[place...].dropFirst(rest.count)))).joined(separator: "\n")
  }

  private static let indent = "  "
  private static let width = 100
  /// The most characters before the mark.
  private static let lead = 40

  /// One character for each one shown; control characters and invalid text become U+FFFD.
  private static func plain(_ payload: [UInt8]) -> [Character] {
    String(decoding: payload, as: UTF8.self).map { character in
      character.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 } ? character : "\u{FFFD}"
    }
  }

  /// The position of the field, or of the byte that the reason names.
  private static func place(of row: QuarantineRow, in text: [Character]) -> Int? {
    if !row.field.isEmpty {
      let name = Array("\"\(row.field)\"")
      return (0...max(0, text.count - name.count)).first { text[$0...].starts(with: name) }
    }
    guard let words = row.detail.firstRange(of: "at byte ") else { return nil }
    let digits = row.detail[words.upperBound...].prefix { $0.isNumber }
    return Int(digits).flatMap { $0 < text.count ? $0 : nil }
  }

  private static func wrapped(_ text: [Character]) -> [String] {
    stride(from: 0, to: text.count, by: width).map { indent + String(text[$0..<min($0 + width, text.count)]) }
  }
}
