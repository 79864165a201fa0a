/// About how many messages the last second brought, from two counters: the second before counts by its part
/// that is less than a second ago, as if its messages had been spread evenly.
struct MessageRate: Sendable {
  private var second = Int64.min
  private var current: Int64 = 0
  private var before: Int64 = 0

  mutating func record(messages: Int, atMs nowMs: Int64) {
    advance(to: nowMs)
    current += Int64(messages)
  }

  mutating func messages(atMs nowMs: Int64) -> Int64 {
    advance(to: nowMs)
    return current + before * (1000 - nowMs % 1000) / 1000
  }

  private mutating func advance(to nowMs: Int64) {
    let now = nowMs / 1000
    guard now != second else { return }
    before = now - 1 == second ? current : 0
    current = 0
    second = now
  }
}
