/// What the lock file remembers of the last commit, so that a database file that is older than that can be told
/// from one that is up to date. It is written after the commit and never synced: it may lag behind the database,
/// and is ahead of it only when the database went back.
struct CommitHighWaterMark: Equatable {
  var sequence: Int64
  var committedAtMs: Int64

  init(sequence: Int64, committedAtMs: Int64) {
    self.sequence = sequence
    self.committedAtMs = committedAtMs
  }

  /// From the lock file's text, nil when it has none (or another form).
  init?(lockFile text: String) {
    let words = text.split(whereSeparator: \.isWhitespace)
    guard let start = words.firstIndex(of: "commit"), start + 3 < words.count, words[start + 2] == "at",
      let sequence = Int64(words[start + 1]), let atMs = Int64(words[start + 3])
    else { return nil }
    self.init(sequence: sequence, committedAtMs: atMs)
  }

  /// Of one length whatever the numbers, so that a shorter one buckets nothing of a longer one behind.
  var text: String {
    "commit \(Self.padded(sequence)) at \(Self.padded(committedAtMs))\n"
  }

  private static func padded(_ number: Int64) -> String {
    let digits = String(number)
    return String(repeating: " ", count: max(0, 20 - digits.count)) + digits
  }
}
