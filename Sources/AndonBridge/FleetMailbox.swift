import Dispatch
import Synchronization

/// What other threads tell and ask the thread of the membership.
final class FleetMailbox: Sendable {
  /// May a connection be begun for a site?
  private final class Question: Sendable {
    let site: String
    let answer = Mutex(false)
    let isAnswered = DispatchSemaphore(value: 0)

    init(_ site: String) { self.site = site }
  }

  /// What happened to sites since the last look.
  struct News: Sendable {
    /// Stopped in order, with the epoch that it had.
    var stopped: [String: Int64] = [:]
    /// The file was made from the central database.
    var restored: [String] = []
    /// This bridge cannot run it.
    var unfit: [String] = []
    /// It was not begun, for a reason that passes: another bridge, or this one, may take it again.
    var refused: [String: Int64] = [:]
  }

  private struct State {
    var news = News()
    var questions: [Question] = []
    var isStopping = false
  }

  private let state = Mutex(State())
  private let wakeUp = DispatchSemaphore(value: 0)
  /// How long an answer may take: the membership waits for a server, and then for the next.
  private static let limit = DispatchTimeInterval.seconds(20)

  var isStopping: Bool { state.withLock { $0.isStopping } }

  func stop() {
    state.withLock { $0.isStopping = true }
    wakeUp.signal()
  }

  func tell(_ change: (inout News) -> Void) {
    state.withLock { change(&$0.news) }
    wakeUp.signal()
  }

  /// From any other thread than that of the membership.
  func mayConnect(_ site: String) -> Bool {
    let question = Question(site)
    let isOpen = state.withLock { state in
      if !state.isStopping { state.questions.append(question) }
      return !state.isStopping
    }
    guard isOpen else { return false }
    wakeUp.signal()
    guard question.isAnswered.wait(timeout: .now() + Self.limit) == .success else { return false }
    return question.answer.withLock { $0 }
  }

  // MARK: The membership's side

  /// Waits at most so long for something to happen.
  func wait(ms: Int64) { _ = wakeUp.wait(timeout: .now() + .milliseconds(Int(max(0, ms)))) }

  func dequeueNews() -> News {
    state.withLock { state in
      defer { state.news = News() }
      return state.news
    }
  }

  func answer(_ decide: (String) -> Bool) {
    let questions = state.withLock { state in
      defer { state.questions = [] }
      return state.questions
    }
    for question in questions {
      let isAllowed = decide(question.site)
      question.answer.withLock { $0 = isAllowed }
      question.isAnswered.signal()
    }
  }
}
