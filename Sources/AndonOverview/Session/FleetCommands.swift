import AndonCore
import Foundation
package import Mosquitto
import Synchronization

/// Commands to bridges, and their answers.
package final class FleetCommands: Sendable {
  private struct Question {
    var key: FleetKey
    /// Nil when the broker's thread took it.
    var command: Publication?
    var answer: CheckedContinuation<CommandOutcome, Never>
  }

  private struct State {
    var questions: [String: Question] = [:]
    /// The ids of those that were not taken yet, by broker, in order.
    var waiting: [Int: [String]] = [:]
  }

  /// Commands that wait for their answers at one time; further ones are refused.
  package static let limit = 256
  private let roots: [String]
  private let wakeups: [Wakeup]
  private let patience: Duration
  private let state = Mutex(State())

  /// - Parameters:
  ///   - roots: of each broker, the root of its topics.
  ///   - wakeups: of each broker, what wakes its thread.
  ///   - patience: how long an answer is waited for.
  package init(roots: [String], wakeups: [Wakeup], patience: Duration = .seconds(10)) {
    self.roots = roots
    self.wakeups = wakeups
    self.patience = patience
  }

  /// Asks the site's bridge to acknowledge an alert, and waits ten seconds at most for its answer.
  package func acknowledge(_ key: FleetKey, alertID: String, by: String, comment: String?) async
    -> CommandOutcome
  {
    // 122 random bits: another client of the broker cannot guess them, so it cannot answer for the bridge.
    let id = "ov-\(UUID().uuidString.lowercased())"
    var writer = JSONWriter(capacity: 256)
    writer.field("req_id", id)
    writer.field("alert_id", alertID)
    writer.field("by", by)
    if let comment { writer.field("comment", comment) }
    let topic = TopicNames(root: roots[key.broker]).command(site: key.site, group: "alert", name: "ack")
    let command = Publication(topic: topic, payload: writer.end(), qos: 1, retain: false)
    return await withCheckedContinuation { continuation in
      let isTaken = state.withLock { state in
        guard state.questions.count < Self.limit else { return false }
        state.questions[id] = Question(key: key, command: command, answer: continuation)
        state.waiting[key.broker, default: []].append(id)
        return true
      }
      guard isTaken else { return continuation.resume(returning: .busy) }
      wakeups[key.broker].signal()
      Task {
        try? await Task.sleep(for: patience)
        giveUp(id)
      }
    }
  }

  /// What is to be sent to a broker, which leaves here. One that waited for too long is not among them.
  func take(broker: Int) -> [Publication] {
    state.withLock { state in
      (state.waiting.removeValue(forKey: broker) ?? []).compactMap { id in
        state.questions[id]?.command.take()
      }
    }
  }

  /// The connection is lost: what waits for it is not sent with the next one, when its sender may have decided
  /// otherwise.
  func disconnected(broker: Int) {
    let unsent = state.withLock { state in
      (state.waiting.removeValue(forKey: broker) ?? []).compactMap { state.questions.removeValue(forKey: $0) }
    }
    for question in unsent { question.answer.resume(returning: .notSent) }
  }

  /// Commands that were not taken yet.
  var waitingCount: Int { state.withLock { $0.waiting.values.reduce(0) { $0 + $1.count } } }

  /// A bridge answered; the commands of others are none of ours, and no site answers for another.
  func answered(_ answer: CommandAnswer, of key: FleetKey) {
    let question = state.withLock { state -> Question? in
      guard let question = state.questions[answer.requestID], question.key == key, question.command == nil
      else { return nil }
      return state.questions.removeValue(forKey: answer.requestID)
    }
    question?.answer.resume(returning: .answered(answer))
  }

  private func giveUp(_ id: String) {
    let question = state.withLock { state -> Question? in
      guard let question = state.questions.removeValue(forKey: id) else { return nil }
      if question.command != nil { state.waiting[question.key.broker]?.removeAll { $0 == id } }
      return question
    }
    guard let question else { return }
    question.answer.resume(returning: question.command == nil ? .noAnswer : .notSent)
  }
}
