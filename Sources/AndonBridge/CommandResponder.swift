import AndonCore
import AndonIngest
import AndonPublish
import AndonRuntime
import AndonStatus
import AndonStore
import Logging
import Mosquitto

/// Answers commands: those over MQTT on their result topic (and the response topic of the request), those of
/// other threads when the store fails. Does what is left to do after the commit of a command.
struct CommandResponder: Sendable {
  private let rules: IngestRules
  private let databasePath: String
  private let publishQueue: PublishQueue
  private let recompute: IngestLoopParts.Recompute?
  private let threshold: LogThreshold?
  private let logger: Logger

  init(rules: IngestRules, databasePath: String, _ parts: IngestLoopParts) {
    self.rules = rules
    self.databasePath = databasePath
    publishQueue = parts.publishQueue
    recompute = parts.recompute
    threshold = parts.observers.threshold
    logger = parts.logger
  }

  /// Publishes the answer to a command that came over MQTT and is committed.
  func publish(_ answer: CommandProcessor.Answer, _ alarms: AlarmPublication) {
    // The topic was read with checked names, so it is a legal one to answer on.
    let topic = rules.topics.commandResult(site: rules.siteID, group: answer.group, name: answer.name)
    publishQueue.enqueue(.commandResult(topic, answer.payload))
    if let reply = answer.reply, ResponseTopic.isAllowed(reply.topic, root: rules.topics.root) {
      // Correlation data may be longer than a packet that the broker takes: then the answer goes without it.
      publishQueue.enqueue(
        .commandResult(reply.topic, answer.payload, correlationData: reply.correlationData),
        instead: reply.correlationData == nil ? nil : .commandResult(reply.topic, answer.payload))
    }
    switch answer.followUp {
    case .republish:
      alarms.republish()
      publishQueue.markAllDue()
      publishQueue.flush()
    case .recompute(let fromMs, let toMs): recompute?(fromMs, toMs)
    case .logLevel(let level, let durationMs):
      threshold?.set(level, for: .milliseconds(durationMs))
      logger.notice("log level", metadata: ["level": "\(level)", "for_s": "\(durationMs / 1000)"])
    case nil: break
    }
  }

  /// Refuses those that have no answer yet: only the first answer counts.
  func refuse(_ commands: [SiteCommandQueue.PendingCommand], because error: any Error) {
    let words = "the site's store does not take it: \(SiteFailure(error, path: databasePath).words)"
    for command in commands { command.answer(.refused("unavailable", words)) }
  }
}
