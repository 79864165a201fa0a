import CMosquitto
import Glibc

/// Wakes a thread that waits in `poll`; may be signalled from any thread.
public final class Wakeup: Sendable {
  let descriptor: Int32

  /// - Throws: when the process has no free file descriptor.
  public init() throws(MosquittoError) {
    descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
    guard descriptor >= 0 else {
      throw unsafe MosquittoError(
        operation: "make an eventfd", code: errno, message: String(cString: strerror(errno)), detail: nil)
    }
  }

  deinit { close(descriptor) }

  public func signal() {
    var one: UInt64 = 1
    _ = unsafe write(descriptor, &one, 8)
  }

  /// Consumes all signals so far.
  public func drain() {
    var count: UInt64 = 0
    _ = unsafe read(descriptor, &count, 8)
  }
}
