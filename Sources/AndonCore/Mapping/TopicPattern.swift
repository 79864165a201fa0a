/// A topic filter whose levels may have names: `frigate/{camera}/classification/{model}`.
///
/// Topics are compared byte by byte, as a broker does.
package struct TopicPattern: Sendable, Hashable {
  package enum Failure: Error, Equatable {
    case empty, tooLong
    case hashNotLast
    /// A wildcard or a capture that is only part of its level.
    case partOfLevel(String)
    case badName(String)
    case twice(String)
    /// `$SYS`, `$share` and the like.
    case dollar
    case control

    package var detail: String {
      switch self {
      case .empty: "must not be empty"
      case .tooLong: "must have at most 1024 bytes"
      case .hashNotLast: "# must be the last level"
      case .partOfLevel(let level):
        "a wildcard or a capture takes a whole level, not a part as in \"\(level)\""
      case .badName(let name): "a capture is named by 1 to 32 of [a-z0-9_], not \"\(name)\""
      case .twice(let name): "the capture {\(name)} stands twice"
      case .dollar: "must not begin with $"
      case .control: "must have no control characters"
      }
    }
  }

  private enum Level: Hashable {
    case literal(String), one, capture(Int), rest
  }

  private let levels: [Level]
  /// The names, in the order of the levels.
  package let captures: [String]
  /// The pattern as written.
  package let text: String

  package init(_ text: String) throws(Failure) {
    guard !text.isEmpty else { throw .empty }
    guard text.utf8.count <= 1024 else { throw .tooLong }
    guard text.utf8.first != UInt8(ascii: "$") else { throw .dollar }
    guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { throw .control }
    var levels: [Level] = []
    var captures: [String] = []
    let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      let level = String(decoding: part, as: UTF8.self)
      if level == "+" {
        levels.append(.one)
      } else if level == "#" {
        guard index == parts.count - 1 else { throw .hashNotLast }
        levels.append(.rest)
      } else if level.hasPrefix("{"), level.hasSuffix("}"), level.utf8.count > 1 {
        let name = String(level.dropFirst().dropLast())
        guard Self.isName(name) else { throw .badName(name) }
        guard !captures.contains(name) else { throw .twice(name) }
        levels.append(.capture(captures.count))
        captures.append(name)
      } else {
        let isPlain = level.utf8.allSatisfy { !"{}+#".utf8.contains($0) }
        guard isPlain else { throw .partOfLevel(level) }
        levels.append(.literal(level))
      }
    }
    self.levels = levels
    self.captures = captures
    self.text = text
  }

  /// Whether the text may name a capture.
  package static func isName(_ name: String) -> Bool {
    (1...32).contains(name.utf8.count)
      && name.utf8.allSatisfy { byte in
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte &- UInt8(ascii: "0") < 10
          || byte == UInt8(ascii: "_")
      }
  }

  /// The topic filter to subscribe to.
  package var filter: String {
    levels.map { level in
      switch level {
      case .literal(let text): text
      case .one, .capture: "+"
      case .rest: "#"
      }
    }.joined(separator: "/")
  }

  /// The captured levels of a topic; nil when the pattern does not match. O(length).
  package func match(_ topic: String) -> [String]? {
    // MQTT 5, 4.7.2: a leading wildcard does not match topics that begin with `$`.
    if topic.utf8.first == UInt8(ascii: "$") { return nil }
    var found: [String] = []
    var rest = topic.utf8[...]
    var isAtEnd = false
    for level in levels {
      if case .rest = level { return found }
      guard !isAtEnd else { return nil }
      let slash = rest.firstIndex(of: UInt8(ascii: "/"))
      let part = rest[..<(slash ?? rest.endIndex)]
      switch level {
      case .literal(let text): guard part.elementsEqual(text.utf8) else { return nil }
      case .capture: found.append(String(decoding: part, as: UTF8.self))
      case .one, .rest: break
      }
      if let slash { rest = rest[rest.index(after: slash)...] } else { isAtEnd = true }
    }
    return isAtEnd ? found : nil
  }

  /// Whether some topic matches both filters: then a broker may deliver its messages twice.
  package static func overlap(_ one: String, _ other: String) -> Bool {
    let left = one.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    let right = other.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    for index in 0..<max(left.count, right.count) {
      // `a/#` matches `a` too.
      if index < left.count, left[index].elementsEqual("#".utf8) { return true }
      if index < right.count, right[index].elementsEqual("#".utf8) { return true }
      guard index < left.count, index < right.count else { return false }
      let isWild = left[index].elementsEqual("+".utf8) || right[index].elementsEqual("+".utf8)
      guard isWild || left[index].elementsEqual(right[index]) else { return false }
    }
    return true
  }
}
