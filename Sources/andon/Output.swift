import Foundation

/// Standard output, and notes on the terminal.
enum Output {
  static func write(_ bytes: [UInt8]) { FileHandle.standardOutput.write(Data(bytes)) }

  static func writeLine(_ bytes: [UInt8]) { write(bytes + [UInt8(ascii: "\n")]) }

  static var isErrorTerminal: Bool { isatty(2) == 1 }

  /// Text for a person in place of the line before, on a terminal.
  static func writeOver(_ text: String) {
    FileHandle.standardError.write(Data("\r\u{1B}[K\(text)".utf8))
  }

  /// Text for a person, on standard error so that results can be piped.
  static func note(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}
