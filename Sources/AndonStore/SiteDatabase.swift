import Dispatch
package import GRDB
import Synchronization

/// The connections to a site's file. After `close` every use fails with an error.
///
/// GRDB alone does not promise that: a reader that waits for a connection while the pool is closed gets a closed one, and the
/// process ends with a memory fault. So uses are counted, and the end waits for those that began.
package final class SiteDatabase: Sendable {
  private let connections: any DatabaseReader
  private let isClosed = Mutex(false)
  private let uses = DispatchGroup()

  init(_ connections: any DatabaseReader) { self.connections = connections }

  /// One snapshot of the file.
  package func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
    try use { try connections.read(body) }
  }

  /// A page-by-page copy into another file.
  func backup(to copy: some DatabaseWriter) throws { try use { try connections.backup(to: copy) } }

  /// Runs what uses the connections; it must not begin another use.
  func use<Result>(_ body: () throws -> Result) throws -> Result {
    try isClosed.withLock { isClosed in
      guard !isClosed else {
        throw DatabaseError(resultCode: .SQLITE_MISUSE, message: "the site's file is closed")
      }
      uses.enter()
    }
    defer { uses.leave() }
    return try body()
  }

  /// Waits for the uses that began, and closes. Again it does nothing.
  func close() throws {
    let wasOpen = isClosed.withLock { isClosed in
      defer { isClosed = true }
      return !isClosed
    }
    guard wasOpen else { return }
    uses.wait()
    try connections.close()
  }
}
