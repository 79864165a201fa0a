import Foundation
import Testing

/// Golden texts: files beside the tests. `ANDON_GOLDEN=write swift test --filter CommandLine` rewrites them;
/// a person then reviews the difference.
enum Golden {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(path: "Golden")

  /// Compares line by line, so that a failure shows the first line that differs.
  static func expect(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws
  {
    let file = folder.appending(path: name + ".txt")
    if ProcessInfo.processInfo.environment["ANDON_GOLDEN"] == "write" {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try text.write(to: file, atomically: true, encoding: .utf8)
      return
    }
    let kept = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
    let found = text.components(separatedBy: "\n")
    let first = zip(kept, found).enumerated().first { $0.element.0 != $0.element.1 }?.offset
    let place = first ?? min(kept.count, found.count)
    guard kept != found else { return }
    let (old, new) = (kept.dropFirst(place).first ?? "(end)", found.dropFirst(place).first ?? "(end)")
    Issue.record(
      "\(name).txt:\(place + 1): kept \"\(old)\", found \"\(new)\"", sourceLocation: sourceLocation)
  }
}
