import Foundation
import Synchronization
import TestSupport
import Testing

@testable import AndonAccess
@testable import AndonConfiguration
@testable import AndonRuntime

@Suite(.ownThread) struct SessionTableTests {
  private final class Time: Sendable {
    let nowMs = Mutex<Int64>(0)
    var clock: MonotonicClock { MonotonicClock { self.nowMs.withLock { $0 } } }
    func pass(_ milliseconds: Int64) { nowMs.withLock { $0 += milliseconds } }
  }

  private func directory(_ users: [UserRecord]) throws -> (UserDirectory, String) {
    let path = try TemporaryFolder.make("sessions").appending(path: "users.yaml").path
    try UsersFile.change(path, owner: path) { $0.users = users }
    return (try UserDirectory(path: path), path)
  }

  @Test func sessionsEndWhenIdleAndAfterTheirLife() throws {
    let user = UserRecord(name: "anna", role: .viewer)
    let time = Time()
    let sessions = SessionTable(
      users: try directory([user]).0, idleMs: 1000, lifetimeMs: 3000, clock: time.clock)
    let idle = sessions.begin(user)
    time.pass(999)
    #expect(sessions.user(of: idle)?.name == "anna")
    time.pass(1000)
    #expect(sessions.user(of: idle) == nil && sessions.count == 0)
    let used = sessions.begin(user)
    for _ in 0..<5 {
      time.pass(500)
      #expect(sessions.user(of: used) != nil)
    }
    time.pass(500)
    #expect(sessions.user(of: used) == nil, "however often it was used")
  }

  @Test func sessionsAreBounded() throws {
    let users = (0..<300).map { UserRecord(name: "u\($0)", role: .viewer) }
    let time = Time()
    let sessions = SessionTable(
      users: try directory(users).0, idleMs: 1_000_000, lifetimeMs: 1_000_000, clock: time.clock)
    var first = ""
    for number in 0..<SessionTable.perUser + 1 {
      time.pass(1)
      let id = sessions.begin(users[0])
      if number == 0 { first = id }
    }
    #expect(sessions.count == SessionTable.perUser && sessions.user(of: first) == nil)
    for user in users { for _ in 0..<SessionTable.perUser { _ = sessions.begin(user) } }
    #expect(sessions.count == SessionTable.limit)
  }

  @Test func aNewPasswordEndsTheSessionsOfTheOldOne() throws {
    var user = UserRecord(
      name: "anna", role: .viewer, password: try PasswordHash(password: "correct horse", cost: .least).text)
    let (users, path) = try directory([user])
    let sessions = SessionTable(users: users, idleMs: 1000, lifetimeMs: 1000)
    let id = sessions.begin(user)
    user.password = try PasswordHash(password: "another horse", cost: .least).text
    try UsersFile.change(path, owner: path) { $0.users = [user] }
    try users.reload()
    #expect(sessions.user(of: id) == nil)
  }

  @Test func waitsDoubleAndAreForgotten() {
    let throttle = LoginThrottle()
    for _ in 0..<LoginThrottle.freeOfUser {
      #expect(throttle.begin(user: "a", address: "1", nowMs: 0) == nil)
    }
    var nowMs: Int64 = 0
    for wait: Int64 in [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000] {
      #expect(throttle.begin(user: "a", address: "2", nowMs: nowMs) == wait)
      nowMs += wait
      #expect(throttle.begin(user: "a", address: "2", nowMs: nowMs) == nil)
    }
    #expect(throttle.begin(user: "a", address: "2", nowMs: nowMs + LoginThrottle.memoryMs) == nil)
  }

  @Test func anAddressIsSlowedOverAllNamesAndASuccessClearsOnlyItsOwnAttempt() {
    let throttle = LoginThrottle()
    for number in 0..<LoginThrottle.freeOfAddress {
      #expect(throttle.begin(user: "u\(number)", address: "1", nowMs: 0) == nil)
    }
    #expect(throttle.begin(user: "new", address: "1", nowMs: 0) == 1000)
    #expect(throttle.begin(user: "new", address: "2", nowMs: 0) == nil)
    throttle.succeeded(user: "u0", address: "1")
    #expect(throttle.begin(user: "u0", address: "1", nowMs: 0) == nil)
    #expect(throttle.begin(user: "u1", address: "1", nowMs: 0) != nil)
  }

  @Test func theTableOfFailuresIsBounded() {
    let throttle = LoginThrottle()
    for number in 0..<25_000 {
      _ = throttle.begin(user: "u\(number)", address: "a\(number)", nowMs: Int64(number))
    }
    // The newest are remembered.
    for _ in 1..<LoginThrottle.freeOfUser { _ = throttle.begin(user: "u24999", address: "x", nowMs: 25_000) }
    #expect(throttle.begin(user: "u24999", address: "y", nowMs: 25_000) != nil)
  }

  /// Attempts that wait for their check count already: many at once are no way around the limit.
  @Test func parallelAttemptsAreCounted() async throws {
    let user = UserRecord(
      name: "anna", role: .viewer, password: try PasswordHash(password: "correct horse", cost: .least).text)
    let login = Login(users: try directory([user]).0)
    let outcomes = await withTaskGroup(of: Bool.self) { group in
      for number in 0..<14 {
        group.addTask {
          if case .refused = await login.check(user: "anna", password: "\(number)", address: "1") {
            return true
          }
          return false
        }
      }
      return await group.reduce(into: [Bool]()) { $0.append($1) }
    }
    #expect(outcomes.count(where: { $0 }) == LoginThrottle.freeOfUser)
  }
}
