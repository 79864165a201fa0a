import CMosquitto
import Glibc

/// Wakes one waiting thread, like `Wakeup`, but without a file descriptor. For loops that wait for nothing
/// else.
///
/// The wait uses the monotonic clock. A semaphore uses the wall clock on Linux: after a step backwards it
/// would wait longer by the size of the step.
@safe public final class MonotonicEvent: @unchecked Sendable {
  // Allocated, because the two must not move. The properties below are used under the mutex.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var isSignalled = false

  public init() {
    var attributes = pthread_condattr_t()
    unsafe pthread_mutex_init(mutex, nil)
    unsafe pthread_condattr_init(&attributes)
    unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    unsafe pthread_cond_init(condition, &attributes)
    unsafe pthread_condattr_destroy(&attributes)
  }

  deinit {
    unsafe pthread_cond_destroy(condition)
    unsafe pthread_mutex_destroy(mutex)
    unsafe condition.deallocate()
    unsafe mutex.deallocate()
  }

  /// Ends the current wait, or the next one.
  public func signal() {
    unsafe pthread_mutex_lock(mutex)
    isSignalled = true
    unsafe pthread_cond_signal(condition)
    unsafe pthread_mutex_unlock(mutex)
  }

  /// Waits for `signal`, at most this long.
  public func wait(milliseconds: Int32) {
    var end = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &end)
    let nanoseconds = end.tv_nsec + Int(milliseconds % 1000) * 1_000_000
    end.tv_sec += Int(milliseconds / 1000) + nanoseconds / 1_000_000_000
    end.tv_nsec = nanoseconds % 1_000_000_000
    unsafe pthread_mutex_lock(mutex)
    while !isSignalled, unsafe pthread_cond_timedwait(condition, mutex, &end) == 0 {}
    isSignalled = false
    unsafe pthread_mutex_unlock(mutex)
  }
}
