import AndonRuntime
import Foundation

/// The files of `andon init`: the configuration, and secrets beside it.
///
/// In the Debian package's folder, which has a folder `credentials`, they are where the service has them: secrets belong
/// to root, and systemd shows them to the service in another folder.
struct InitFiles {
  private static let shownToService = "/run/credentials/andon.service/"
  private let output: String
  private let folder: String
  private let isOfPackage: Bool

  init(output: String) {
    self.output = output
    let folder = URL(fileURLWithPath: output).standardizedFileURL.deletingLastPathComponent().path
    var isFolder: ObjCBool = false
    isOfPackage =
      FileManager.default.fileExists(atPath: folder + "/credentials", isDirectory: &isFolder)
      && isFolder.boolValue
    self.folder = folder
  }

  var dataFolder: String { isOfPackage ? "/var/lib/andon" : folder + "/data" }

  /// As the bridge reads it.
  var tokenPath: String { shown("http-token") }

  private func shown(_ name: String) -> String {
    isOfPackage ? Self.shownToService + name : "\(folder)/\(name)"
  }

  private func kept(_ name: String) -> String {
    isOfPackage ? "\(folder)/credentials/\(name)" : "\(folder)/\(name)"
  }

  /// Writes the configuration, and a token unless there is one. One that was there before is kept as `FILE~`.
  func write(_ yaml: String) throws {
    let files = FileManager.default
    try Failure.wrap {
      try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
      if !files.fileExists(atPath: kept("http-token")) {
        let bytes = (0..<24).map { _ in UInt8.random(in: .min ... .max) }
        let token = Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
        try secret(token + "\n", at: kept("http-token"))
      }
      if files.fileExists(atPath: output) {
        try? files.removeItem(atPath: output + "~")
        try files.moveItem(atPath: output, toPath: output + "~")
      }
      try Data(yaml.utf8).write(to: URL(fileURLWithPath: output), options: [.atomic])
      try files.setAttributes([.posixPermissions: 0o644], ofItemAtPath: output)
    }
  }

  /// Keeps the broker's password in a file for its owner alone, and returns the path that the bridge reads.
  ///
  /// - Throws: when the file is there and may not be replaced.
  func keep(password: String, replace: Bool) throws -> String {
    let path = kept("mqtt-password")
    guard replace || !FileManager.default.fileExists(atPath: path) else {
      throw Failure(
        "\(path) is there already: use it with --password-file \(path), or replace it with --force")
    }
    try Failure.wrap {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try secret(password + "\n", at: path)
    }
    return shown("mqtt-password")
  }

  private func secret(_ text: String, at path: String) throws {
    do {
      try PrivateFile.replace(path, with: Array(text.utf8), owner: path)
    } catch let failure as PrivateFile.Failure {
      throw Failure("\(path) \(failure.reason)")
    }
  }
}
