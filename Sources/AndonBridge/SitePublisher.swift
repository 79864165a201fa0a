import AndonConfiguration
import AndonCore
import AndonIngest
import AndonPublish
import AndonRuntime
import AndonStore

/// What leaves a site because of its commits: status and log, alarms, outbox, notices of rejections, answers
/// to commands; and what its observers see.
///
/// Lives over all connections to the broker: what is committed between two is published with the next one.
/// One thread uses it.
final class SitePublisher {
  private let alarms: AlarmPublication
  private let stops: StopPublication
  private let relay = OutboxRelay()
  private let rules: IngestRules
  private let reporter: SiteStatusReporter
  private let responder: CommandResponder
  private let parts: IngestLoopParts

  init(
    site: SiteSettings, rules: IngestRules, reporter: SiteStatusReporter, responder: CommandResponder,
    _ parts: IngestLoopParts
  ) {
    alarms = AlarmPublication(site: site, topics: rules.topics, observer: parts.observers.alarms)
    stops = StopPublication(site: site, topics: rules.topics)
    self.rules = rules
    self.reporter = reporter
    self.responder = responder
    self.parts = parts
  }

  /// Everything is due again: while there was no connection, events may have been committed over HTTP.
  func republish() {
    alarms.republish()
    stops.republish()
    relay.record(newRows: 1)
  }

  /// Reports what a commit changed, publishes notices and answers, and records which alarms and outbox rows
  /// are due.
  ///
  /// - Parameter engine: as it is after the commit.
  func publish(_ update: SiteEngine.Update, _ engine: SiteEngine) {
    let nowMs = parts.clock.nowMs
    reporter.report(update, engine, nowMs: nowMs)
    for (camera, rejection) in update.rejections where !camera.isEmpty {
      if let notice = alarms.rejectNotice(rejection, camera: camera, nowMs: nowMs) {
        parts.publishQueue.enqueue(.reject(rules.topics.reject(site: rules.siteID, camera: camera), notice))
      }
    }
    parts.observers.record(update, site: rules.siteID, nowMs: nowMs)
    alarms.record(update)
    stops.record(update)
    relay.record(newRows: update.outboxRows)
    if update.notifications.rows > 0 { parts.notify() }
    for answer in update.answers { responder.publish(answer, alarms) }
  }

  /// Publishes the alarms that are due and hands the outbox over.
  ///
  /// - Parameter nowMs: epoch milliseconds.
  /// - Throws: when acknowledged rows of the outbox cannot be deleted.
  func publishDue(_ engine: SiteEngine, _ store: SiteStore?, nowMs: Int64) throws {
    // What another thread committed a moment ago may not leave yet; the next turn has it.
    if let gate = store?.gate, !gate.isOpen { return }
    alarms.publishDue(
      engine, to: parts.publishQueue, nowMs: nowMs, monotonicMs: parts.monotonic.nowMs)
    guard let store else { return }
    try stops.publishDue(store, to: parts.publishQueue, nowMs: nowMs)
    try relay.relay(store, to: parts.publishQueue, nowMs: parts.monotonic.nowMs)
    reporter.report(relay, store)
  }
}
