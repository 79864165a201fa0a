import CPostgres
import Glibc

/// Ends what a connection waits for, from any thread. Once signalled it stays so.
public final class PostgresInterrupt: Sendable {
  let descriptor: Int32

  /// - Throws: `unknown`, when the process has no free file descriptor.
  public init() throws(PostgresError) {
    descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
    guard descriptor >= 0 else {
      throw unsafe PostgresError(.unknown, "cannot make an eventfd: \(String(cString: strerror(errno)))")
    }
  }

  deinit { close(descriptor) }

  /// Every wait ends with an error of the kind `connection`, also those that begin later.
  public func signal() {
    var one: UInt64 = 1
    _ = unsafe write(descriptor, &one, 8)
  }
}
