import Foundation

/// Writes the files of a folder into one Swift source. The build runs it, so that the binary needs no other
/// files.
///
///     EmbedFiles FOLDER OUTPUT.swift
@main
enum EmbedFiles {
  private static let contentTypes = [
    "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml",
  ]

  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 3 else { throw Failure("usage: EmbedFiles FOLDER OUTPUT.swift") }
    let folder = URL(fileURLWithPath: arguments[1], isDirectory: true)
    let output = URL(fileURLWithPath: arguments[2])
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    var source = "/// The dashboard's files, as they are served.\nenum DashboardFiles {\n"
    source += "  static let all: [DashboardFile] = [\n"
    for name in names where !name.hasPrefix(".") {
      let file = folder.appendingPathComponent(name)
      guard let type = contentTypes[file.pathExtension] else {
        throw Failure("\(name): unknown kind of file")
      }
      let text = try String(contentsOf: file, encoding: .utf8)
      guard !text.contains("\"\"\"##"), !text.contains("\\##") else {
        throw Failure("\(name) holds what would end the Swift string")
      }
      source += "    DashboardFile(path: \"/\(name)\", contentType: \"\(type)\", text: ##\"\"\"\n"
      source += text + "\n\"\"\"##),\n"
    }
    source += "  ]\n}\n"
    try source.write(to: output, atomically: true, encoding: .utf8)
  }

  private struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }
}
