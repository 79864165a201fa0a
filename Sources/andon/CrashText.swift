import Foundation

/// What Swift's runtime writes to standard error when the process crashes.
///
/// By default it prints the registers, with the memory that they point at: there may be a worker's id or a secret in it,
/// and standard error is the log. The runtime reads its setting from the environment before any code of ours.
enum CrashText {
  private static let name = "SWIFT_BACKTRACE"
  private static let setting = "registers=none"

  /// Starts this program again in the same process, without registers in the text of a crash; returns at once when it was
  /// started like that. If the system refuses, the program works all the same.
  static func keepMemoryOut() {
    let current = ProcessInfo.processInfo.environment[name] ?? ""
    guard !current.split(separator: ",").contains(Substring(setting)) else { return }
    // The last word counts.
    setenv(name, current.isEmpty ? setting : "\(current),\(setting)", 1)
    var arguments = CommandLine.arguments.map { strdup($0) }
    arguments.append(nil)
    execv("/proc/self/exe", arguments)
  }
}
