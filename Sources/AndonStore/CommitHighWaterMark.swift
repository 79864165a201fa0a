/// The last commit as recorded in the lock file. With it an older copy of a database file can be detected. It
/// is written after the commit and not synced: it may lag behind the database, and is ahead of it only when
/// the database file was replaced by an older one.
struct CommitHighWaterMark: Equatable {
  var sequence: Int64
  var committedAtMs: Int64

  init(sequence: Int64, committedAtMs: Int64) {
    self.sequence = sequence
    self.committedAtMs = committedAtMs
  }

  /// Parses the lock file's text; nil when it has no high-water mark.
  init?(lockFile text: String) {
    let words = text.split(whereSeparator: \.isWhitespace)
    guard let start = words.firstIndex(of: "commit"), start + 3 < words.count, words[start + 2] == "at",
      let sequence = Int64(words[start + 1]), let atMs = Int64(words[start + 3])
    else { return nil }
    self.init(sequence: sequence, committedAtMs: atMs)
  }

  /// Always of the same length, so that a new text overwrites the old one completely.
  var text: String {
    "commit \(Self.padded(sequence)) at \(Self.padded(committedAtMs))\n"
  }

  private static func padded(_ number: Int64) -> String {
    let digits = String(number)
    return String(repeating: " ", count: max(0, 20 - digits.count)) + digits
  }
}
