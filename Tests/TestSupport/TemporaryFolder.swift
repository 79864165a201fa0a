public import Foundation

/// Folders for tests, below the system's temporary one.
public enum TemporaryFolder {
  /// Makes a new one with a short path, because the path of a Unix domain socket has at most 107 bytes.
  public static func make(_ name: String) throws -> URL {
    let url = FileManager.default.temporaryDirectory
      .appending(path: "andon-\(name)-\(UUID().uuidString.prefix(13))")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return url
  }
}
