import AndonAccess
import Foundation

/// Reads a new password: from the terminal without showing it, or the first line of standard input.
enum PasswordPrompt {
  static func read() throws -> String {
    let isTerminal = isatty(0) == 1
    let password = try isTerminal ? hidden("Password: ") : line()
    let lengths = PasswordHash.passwordLengths
    guard lengths.contains(password.count), !password.contains(where: \.isNewline) else {
      throw Failure("a password has \(lengths.lowerBound) to \(lengths.upperBound) characters")
    }
    if isTerminal, try hidden("Again: ") != password {
      throw Failure("the two are not the same; nothing is changed")
    }
    return password
  }

  /// A password that exists already, without rules for its length.
  static func known(_ prompt: String) throws -> String { try isatty(0) == 1 ? hidden(prompt) : line() }

  private static func line() throws -> String {
    guard let line = readLine(strippingNewline: true) else { throw Failure("standard input has no password") }
    return line
  }

  private static func hidden(_ prompt: String) throws -> String {
    var usual = termios()
    guard tcgetattr(0, &usual) == 0 else { throw Failure("the terminal cannot be read") }
    var quiet = usual
    quiet.c_lflag &= ~tcflag_t(ECHO | ISIG)
    quiet.c_lflag |= tcflag_t(ECHONL)
    guard tcsetattr(0, TCSAFLUSH, &quiet) == 0 else { throw Failure("the terminal cannot be read") }
    // Signals of the keyboard are off meanwhile: one would end the program and leave the terminal without an echo.
    defer { tcsetattr(0, TCSAFLUSH, &usual) }
    FileHandle.standardError.write(Data(prompt.utf8))
    let text = try line()
    guard !text.contains("\u{3}") else { throw Failure("ended; nothing is changed") }
    return text
  }
}
