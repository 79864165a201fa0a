import Foundation

/// The bdSeq number that ties a birth to its death certificate: one more with every CONNECT, 0 after 255.
/// Stored in a small file, so that it continues after a restart.
package struct BirthDeathCounter {
  private let path: String
  private var following: UInt8

  /// A missing or unreadable file begins at 0.
  package init(path: String) {
    self.path = path
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    following = UInt8(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
  }

  /// The number for the next CONNECT. It counts on even when the file cannot be written; then `failure` says
  /// why, and the next start repeats a number.
  package mutating func next() -> (number: UInt8, failure: (any Error)?) {
    let number = following
    following &+= 1
    return (number, keep())
  }

  /// The CONNECT with the last number was never sent. The file is corrected by the next `next`.
  package mutating func giveBack() { following &-= 1 }

  private func keep() -> (any Error)? {
    do {
      let url = URL(fileURLWithPath: path)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data("\(following)\n".utf8).write(to: url, options: .atomic)
      return nil
    } catch {
      return error
    }
  }
}
