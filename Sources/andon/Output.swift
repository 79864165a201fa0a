import Foundation

/// Standard output, and notes on the terminal.
enum Output {
  static func write(_ bytes: [UInt8]) { FileHandle.standardOutput.write(Data(bytes)) }

  static func writeLine(_ bytes: [UInt8]) { write(bytes + [UInt8(ascii: "\n")]) }

  static var isErrorTerminal: Bool { isatty(2) == 1 }

  /// Text for a person, on standard error so that results can be piped.
  static func note(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}
