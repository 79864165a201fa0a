import Foundation

/// A condition did not become true in time.
public struct WaitFailure: Error, CustomStringConvertible {
  public let what: String

  public init(what: String) { self.what = what }

  public var description: String { "timed out waiting for \(what)" }
}

/// Blocks until the condition holds, at most `seconds`.
public func waitUntil(_ what: String, seconds: Double = 120, _ condition: () throws -> Bool) throws {
  let end = ContinuousClock.now + .seconds(seconds)
  while try !condition() {
    guard ContinuousClock.now < end else { throw WaitFailure(what: what) }
    usleep(5000)
  }
}

/// Like `waitUntil`, for tests that do not block their thread.
public func eventually(
  _ what: @autoclosure () -> String, seconds: Double = 120, _ condition: () throws -> Bool
) async throws {
  let end = ContinuousClock.now + .seconds(seconds)
  while try !condition() {
    guard ContinuousClock.now < end else { throw WaitFailure(what: what()) }
    try await Task.sleep(for: .milliseconds(10))
  }
}
