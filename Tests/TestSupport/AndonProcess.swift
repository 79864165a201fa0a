public import Foundation

/// The real `andon` program as a child process.
public final class AndonProcess: Sendable {
  /// The program, which the build put beside the tests.
  public static var executable: String {
    let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    return folder.appending(path: "andon").path
  }

  private let child: ChildProcess
  private let outputFile: URL

  /// Starts it; `prelude` is shell code that runs first in the same process, e.g. `ulimit -n 64;`.
  public init(_ arguments: [String], folder: URL, prelude: String = "") throws {
    outputFile = folder.appending(path: "andon-\(UUID().uuidString.prefix(8)).log")
    child = try ChildProcess(
      "/bin/sh", ["-c", prelude + " exec \"$0\" \"$@\"", Self.executable] + arguments, output: outputFile.path
    )
  }

  deinit {
    child.signal(SIGKILL)
    child.wait()
  }

  public var processIdentifier: Int32 { child.identifier }
  /// Both outputs so far.
  public var output: String { (try? String(contentsOf: outputFile, encoding: .utf8)) ?? "" }
  /// Its exit code, or the negative number of the signal that ended it; nil while it runs.
  public var exitCode: Int32? { child.exitCode }

  public func signal(_ number: Int32) { child.signal(number) }

  /// Waits for its end and returns the exit code; nil when it takes longer.
  public func wait(seconds: Double) -> Int32? {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
      if let code = child.exitCode { return code }
      usleep(5000)
    }
    return nil
  }
}
