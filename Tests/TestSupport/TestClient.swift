import Foundation
public import Mosquitto
import Synchronization

/// A camera or a panel for tests: one connection on a thread of its own that acknowledges and keeps what it
/// receives. It does not reconnect.
public final class TestClient: Sendable {
  /// What ended the wait instead of the condition.
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  fileprivate struct State {
    var isConnected = false
    var received: [Received] = []
    var jobs: [Job] = []
    var subscribed: Set<Int> = []
    var acknowledged = 0
    var failure: String?
    var isStopping = false
    var isGone = false
    var waiters: [Waiter] = []
  }

  fileprivate enum Job: Sendable {
    case subscribe(filters: [String], retainHandling: RetainHandling, ticket: Int)
    case publish([Publication])
  }

  fileprivate struct Waiter {
    let deadline: ContinuousClock.Instant
    let isMet: @Sendable (borrowing State) -> Bool
    let continuation: CheckedContinuation<Bool, Never>
  }

  private let settings: ConnectionSettings
  private let state = Mutex(State())
  private let tickets = Atomic(0)
  private let wakeup: Wakeup

  /// Connects; throws the refusal of the broker or the network's error.
  public init(_ settings: ConnectionSettings) async throws {
    self.settings = settings
    wakeup = try Wakeup()
    let thread = Thread { [self] in run() }
    thread.name = settings.clientID
    thread.start()
    try await wait("connect", within: .seconds(60)) { $0.isConnected }
  }

  public convenience init(_ broker: Broker) async throws { try await self.init(broker.settings()) }

  /// Subscribes and waits for the broker's answer.
  public func subscribe(_ filters: String..., retainHandling: RetainHandling = .always) async throws {
    let ticket = tickets.wrappingAdd(1, ordering: .relaxed).newValue
    enqueue(.subscribe(filters: filters, retainHandling: retainHandling, ticket: ticket))
    try await wait("subscribe", within: .seconds(60)) { $0.subscribed.contains(ticket) }
  }

  /// Publishes and waits until the broker has acknowledged all of them.
  public func publish(_ publications: [Publication]) async throws {
    let before = state.withLock { $0.acknowledged }
    enqueue(.publish(publications))
    try await wait("publish", within: .seconds(60)) { $0.acknowledged >= before + publications.count }
  }

  public func publish(_ text: String, to topic: String, retain: Bool = false) async throws {
    try await publish([Publication(topic: topic, payload: Array(text.utf8), retain: retain)])
  }

  /// The messages so far, in order.
  public var received: [Received] { state.withLock { $0.received } }

  /// Discards the messages so far.
  public func forgetReceived() { state.withLock { $0.received.removeAll() } }

  /// Waits until the messages meet the condition, and returns them; throws after `limit`.
  @discardableResult
  public func received(
    within limit: Duration = .seconds(60), until isMet: @escaping @Sendable ([Received]) -> Bool
  ) async throws -> [Received] {
    try await wait("receive", within: limit) { isMet($0.received) }
    return received
  }

  /// Disconnects and waits for the thread's end.
  public func disconnect() async throws {
    state.withLock { $0.isStopping = true }
    wakeup.signal()
    try await wait("disconnect", within: .seconds(60)) { $0.isGone }
  }

  // MARK: Waiting

  private func wait(
    _ what: String, within limit: Duration, until isMet: @escaping @Sendable (borrowing State) -> Bool
  ) async throws {
    let deadline = ContinuousClock.now + limit
    let isDone = await withCheckedContinuation { continuation in
      state.withLock { state in
        state.waiters.append(Waiter(deadline: deadline, isMet: isMet, continuation: continuation))
        settle(&state)
      }
      wakeup.signal()
    }
    guard !isDone else { return }
    let (failure, count) = state.withLock { ($0.failure, $0.received.count) }
    throw Failure(
      description: "\(settings.clientID) could not \(what) within \(limit)"
        + " (\(count) messages received): \(failure ?? "time is up")")
  }

  /// Resumes waits whose condition is met, whose time is up, or that cannot succeed any more.
  private func settle(_ state: inout State) {
    let now = ContinuousClock.now
    var waiting: [Waiter] = []
    for waiter in state.waiters {
      if waiter.isMet(state) {
        waiter.continuation.resume(returning: true)
      } else if now >= waiter.deadline || state.isGone {
        waiter.continuation.resume(returning: false)
      } else {
        waiting.append(waiter)
      }
    }
    state.waiters = waiting
  }

  private func enqueue(_ job: Job) {
    state.withLock { $0.jobs.append(job) }
    wakeup.signal()
  }

  // MARK: Thread

  private func run() {
    do {
      let connection = try Connection(settings)
      try connection.connect()
      try serve(connection)
      connection.disconnect()
    } catch {
      state.withLock { $0.failure = "\(error)" }
    }
    state.withLock { state in
      state.isGone = true
      settle(&state)
    }
  }

  private func serve(_ connection: Connection) throws {
    let batch = MessageBatch()
    var tickets: [Int32: Int] = [:]
    while !state.withLock(\.isStopping) {
      let ready = poll(
        socket: connection.socket, wantsWrite: connection.wantsWrite, wakeup: wakeup, timeoutMilliseconds: 20)
      if ready.woken { wakeup.drain() }
      while try connection.receive(into: batch, until: .init()) == .full { try keep(batch, connection) }
      try keep(batch, connection)
      for event in connection.dequeueEvents() { try apply(event, tickets: &tickets) }
      if connection.isConnected {
        for job in state.withLock({ state in state.takeJobs() }) { try start(job, connection, &tickets) }
      }
      try connection.flush()
      try connection.keepAlive()
      state.withLock { settle(&$0) }
    }
  }

  private func keep(_ batch: MessageBatch, _ connection: Connection) throws {
    for index in 0..<batch.count {
      let message = batch.withMessage(at: index) { topic, payload, isRetained in
        Received(topic: topic, payload: payload.indices.map { payload[$0] }, isRetained: isRetained)
      }
      state.withLock { $0.received.append(message) }
    }
    batch.removeAll()
  }

  private func start(_ job: Job, _ connection: Connection, _ tickets: inout [Int32: Int]) throws {
    switch job {
    case .subscribe(let filters, let retainHandling, let ticket):
      tickets[try connection.subscribe(filters, retainHandling: retainHandling)] = ticket
    case .publish(let publications):
      for publication in publications { try connection.publish(publication) }
    }
  }

  private func apply(_ event: ConnectionEvent, tickets: inout [Int32: Int]) throws {
    switch event {
    case .connected(_, let reason):
      guard reason == 0 else { throw Failure(description: "refused with reason \(reason)") }
      state.withLock { $0.isConnected = true }
    case .disconnected(_, let text):
      throw Failure(description: text)
    case .subscribed(let mid, let granted):
      guard granted.allSatisfy({ $0 < 0x80 }) else { throw Failure(description: "granted \(granted)") }
      let ticket = tickets.removeValue(forKey: mid) ?? 0
      state.withLock { _ = $0.subscribed.insert(ticket) }
    case .published(_, let reason):
      guard reason < 0x80 else { throw Failure(description: "publication refused with reason \(reason)") }
      state.withLock { $0.acknowledged += 1 }
    case .log:
      break
    }
  }
}

extension TestClient.State {
  fileprivate mutating func takeJobs() -> [TestClient.Job] {
    defer { jobs.removeAll() }
    return jobs
  }
}
