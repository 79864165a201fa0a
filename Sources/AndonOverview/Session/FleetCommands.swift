import AndonCore
import Foundation
package import Mosquitto
import Synchronization

/// Commands to bridges, and their answers.
package final class FleetCommands: Sendable {
  private struct State {
    /// By broker, in order.
    var waiting: [Int: [Publication]] = [:]
    var asked: [String: CheckedContinuation<CommandAnswer?, Never>] = [:]
    var number = 0
  }

  /// Commands that wait for their answers at one time; further ones are refused.
  private static let limit = 256
  private static let patience: Duration = .seconds(10)
  private let run = UUID().uuidString.prefix(8).lowercased()
  private let roots: [String]
  private let wakeups: [Wakeup]
  private let state = Mutex(State())

  /// - Parameters: of each broker, the root of its topics and what wakes its thread.
  package init(roots: [String], wakeups: [Wakeup]) {
    self.roots = roots
    self.wakeups = wakeups
  }

  /// Asks the site's bridge to acknowledge an alert, and waits at most ten seconds for its answer.
  ///
  /// - Returns: nil without an answer: the bridge may still do it.
  package func acknowledge(_ key: FleetKey, alertID: String, by: String, comment: String?) async
    -> CommandAnswer?
  {
    await withCheckedContinuation { continuation in
      let id = state.withLock { state -> String? in
        guard state.asked.count < Self.limit else { return nil }
        state.number += 1
        let id = "ov-\(run)-\(state.number)"
        var writer = JSONWriter(capacity: 256)
        writer.field("req_id", id)
        writer.field("alert_id", alertID)
        writer.field("by", by)
        if let comment { writer.field("comment", comment) }
        let topic = TopicNames(root: roots[key.broker]).command(site: key.site, group: "alert", name: "ack")
        state.waiting[key.broker, default: []].append(
          Publication(topic: topic, payload: writer.end(), qos: 1, retain: false))
        state.asked[id] = continuation
        return id
      }
      guard let id else { return continuation.resume(returning: nil) }
      wakeups[key.broker].signal()
      Task {
        try? await Task.sleep(for: Self.patience)
        resume(id, nil)
      }
    }
  }

  /// What is to be sent to a broker, which leaves here.
  func take(broker: Int) -> [Publication] { state.withLock { $0.waiting.removeValue(forKey: broker) ?? [] } }

  /// A bridge answered; the commands of others are none of ours.
  func answered(_ answer: CommandAnswer) { resume(answer.requestID, answer) }

  private func resume(_ id: String, _ answer: CommandAnswer?) {
    state.withLock { $0.asked.removeValue(forKey: id) }?.resume(returning: answer)
  }
}
