/// "did you mean …?" for a word that is nearly a known one.
enum Suggestion {
  /// Empty when nothing is near.
  static func text(for word: String, among known: [String]) -> String {
    let near = known.map { ($0, distance(word.lowercased(), $0.lowercased())) }.min { $0.1 < $1.1 }
    guard let near, near.1 <= max(1, word.count / 3) else { return "" }
    return "; did you mean \(near.0)?"
  }

  /// Levenshtein's.
  private static func distance(_ left: String, _ right: String) -> Int {
    let (left, right) = (Array(left.utf8), Array(right.utf8))
    var previous = Array(0...right.count)
    for (i, byte) in left.enumerated() {
      var current = [i + 1]
      for (j, other) in right.enumerated() {
        current.append(min(previous[j] + (byte == other ? 0 : 1), previous[j + 1] + 1, current[j] + 1))
      }
      previous = current
    }
    return previous.last ?? 0
  }
}
