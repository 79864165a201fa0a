import AndonCore
import Foundation

/// Finds a worker's id in bytes as a whole word: `W7`, but not in `W71`.
package struct WorkerMention: Sendable {
  private let id: [UInt8]

  package init(_ id: String) { self.id = Array(id.utf8) }

  package func isIn(_ text: String) -> Bool { isIn(Array(text.utf8)) }

  /// O(bytes × length of the id).
  package func isIn(_ bytes: [UInt8]) -> Bool {
    guard !id.isEmpty, bytes.count >= id.count else { return false }
    for start in 0...(bytes.count - id.count) where bytes[start] == id[0] {
      let end = start + id.count
      guard bytes[start..<end].elementsEqual(id), start == 0 || !Self.isOfWord(bytes[start - 1]),
        end == bytes.count || !Self.isOfWord(bytes[end])
      else { continue }
      return true
    }
    return false
  }

  /// The same for a message, where JSON may write a letter as `\u…`.
  package func isIn(payload: [UInt8]) -> Bool {
    if isIn(payload) { return true }
    guard payload.contains(UInt8(ascii: "\\")),
      let value = try? JSONSerialization.jsonObject(with: Data(payload), options: .fragmentsAllowed)
    else { return false }
    return isIn(value: value)
  }

  private func isIn(value: Any) -> Bool {
    switch value {
    case let text as String: isIn(text)
    case let list as [Any]: list.contains { isIn(value: $0) }
    case let object as [String: Any]: object.contains { isIn($0.key) || isIn(value: $0.value) }
    default: false
    }
  }

  private static func isOfWord(_ byte: UInt8) -> Bool {
    Identifier.isAlphanumeric(byte) || byte == UInt8(ascii: "_")
  }
}
