import Foundation
import Mosquitto
import TestSupport
import Testing

@Suite(.ownThread) struct WakeupTests {
  @Test func `a signal wakes the thread that waits`() throws {
    let wakeup = try Wakeup()
    Thread.detachNewThread { wakeup.signal() }
    let result = poll(socket: nil, wantsWrite: false, wakeup: wakeup, timeoutMilliseconds: 10_000)
    #expect(result.woken && !result.readable && !result.writable)
  }

  @Test func `a signal before the wait counts, and draining takes all of them`() throws {
    let wakeup = try Wakeup()
    for _ in 0..<3 { wakeup.signal() }
    #expect(poll(socket: nil, wantsWrite: false, wakeup: wakeup, timeoutMilliseconds: 0).woken)
    #expect(poll(socket: nil, wantsWrite: false, wakeup: wakeup, timeoutMilliseconds: 0).woken)
    wakeup.drain()
    #expect(!poll(socket: nil, wantsWrite: false, wakeup: wakeup, timeoutMilliseconds: 0).woken)
    wakeup.drain()
  }
}
