import AndonConfiguration
import AndonCore
import AndonStatus
import Mosquitto

/// A persistent session as the bridge's for a site: whether events come in, whether the broker keeps the
/// session while its client is away, and how many messages it keeps for it.
struct SessionProbe: BrokerProbe {
  let site: SiteSettings
  let publisher: CheckClient

  /// What came in while the probe listened.
  private struct Delivery {
    var findings: [Finding]
    /// Whether the check may publish to its own camera's topic.
    var mayWrite: Bool
    /// Messages a second.
    var rate: Double
  }

  func run(_ context: BrokerProbeContext) -> [Finding] {
    var session = context.connection("\(site.id)-check")
    session.cleanStart = false
    session.sessionExpirySeconds = 60
    defer { try? forget(session) }
    do {
      guard let delivery = try read(session, context) else { return [] }
      return delivery.findings + (try outage(session, after: delivery, context))
    } catch {
      return [Finding(.error, "session", site: site.id, "\(error)", advice: "see what the broker logs")]
    }
  }

  private func forget(_ session: ConnectionSettings) throws {
    var last = session
    last.cleanStart = true
    last.sessionExpirySeconds = 0
    let client = try CheckClient(last)
    _ = try client.connect()
    client.connection.disconnect()
  }

  /// The topic of the check's own messages.
  private func topic(_ context: BrokerProbeContext) -> String {
    context.topics.event(site: site.id, camera: BrokerProbeContext.camera)
  }

  // MARK: Reading

  /// Subscribes and listens. Nil without a subscription: that one `SubscriptionProbe` reports.
  private func read(_ session: ConnectionSettings, _ context: BrokerProbeContext) throws -> Delivery? {
    let filter = context.topics.eventFilter(site: site.id)
    let reader = try CheckClient(session)
    _ = try reader.connect()
    let granted = try reader.subscribe(filter)
    guard RefusedSubscription([filter], asked: 1, granted: [granted]) == nil else { return nil }
    let mayWrite = try publisher.publish(topic(context)) < 0x80
    try reader.listen(milliseconds: context.plan.listenSeconds * 1000)
    let sample = CameraSample(
      reader.messages, site: site, topics: context.topics, nowMs: context.nowMs,
      seconds: context.plan.listenSeconds)
    let proof = proof(
      cameBack: reader.messages.contains { $0.topic == topic(context) }, mayWrite: mayWrite, sample, context)
    reader.connection.disconnect()
    return Delivery(findings: [proof] + sample.findings, mayWrite: mayWrite, rate: sample.rate)
  }

  /// Whether the bridge may read events.
  private func proof(
    cameBack: Bool, mayWrite: Bool, _ sample: CameraSample, _ context: BrokerProbeContext
  ) -> Finding {
    let filter = context.topics.eventFilter(site: site.id)
    if cameBack {
      return Finding(.ok, "acl", site: site.id, "may read events: proven by a message that came back")
    }
    if sample.count > 0 {
      return Finding(.ok, "acl", site: site.id, "may read events: \(sample.count) messages came in")
    }
    if mayWrite {
      return Finding(
        .error, "acl", site: site.id,
        "the broker granted the subscription to \(filter) and delivers nothing: its ACL "
          + "forbids reading",
        advice: "topic read \(filter) in the broker's ACL file")
    }
    return Finding(
      .warning, "acl", site: site.id,
      "reading was granted, but nothing came in \(context.plan.listenSeconds) s to prove it (mosquitto grants what its ACL "
        + "forbids)", advice: "let a camera send, or allow the bridge: topic write \(topic(context))")
  }

  // MARK: An outage

  /// Publishes while the session's client is away, connects again and counts what the broker kept.
  private func outage(
    _ session: ConnectionSettings, after delivery: Delivery, _ context: BrokerProbeContext
  ) throws -> [Finding] {
    let (topic, plan) = (topic(context), context.plan)
    let taken = delivery.mayWrite ? try publisher.flood(topic, count: plan.queue) : 0
    let reader = try CheckClient(session)
    let (present, _) = try reader.connect()
    guard present else {
      return [
        Finding(
          .error, "session", site: site.id,
          "the broker forgot the session within a second: what arrives while the "
            + "bridge is away would be lost",
          advice: "allow persistent sessions (persistent_client_expiration, persistence true)")
      ]
    }
    var findings = [
      Finding(.ok, "session", site: site.id, "the broker keeps the session while the bridge is away")
    ]
    let wantedExpiry = context.settings.broker.sessionExpirySeconds
    if let expiry = reader.connection.serverLimits.sessionExpirySeconds, expiry < min(60, wantedExpiry) {
      findings.append(
        Finding(
          .warning, "session", site: site.id, "the broker shortens the session to \(expiry) s",
          advice: "raise its limit to broker.session_expiry (\(wantedExpiry) s)"))
    }
    guard delivery.mayWrite, plan.queue > 0 else {
      findings.append(
        Finding(
          .warning, "queue", site: site.id,
          "the length of the broker's queue was not tried: the bridge may not write \(topic)",
          advice:
            "topic write \(topic) for the bridge, or read max_queued_messages in the broker's configuration"))
      return findings
    }
    try reader.listen(milliseconds: 5000) { $0.filter { $0.topic == topic }.count >= taken }
    let kept = reader.messages.filter { $0.topic == topic }.count
    reader.connection.disconnect()
    findings.append(queue(kept: kept, taken: taken, rate: plan.rate ?? delivery.rate))
    return findings
  }

  private func queue(kept: Int, taken: Int, rate: Double) -> Finding {
    func lasts(_ messages: Int) -> String {
      guard rate > 0 else { return "" }
      let seconds = Int(Double(messages) / rate)
      let rateText = String(Int(rate.rounded()))
      return seconds < 7200
        ? ", \(seconds / 60) min at \(rateText) messages a second"
        : ", \(seconds / 3600) h at \(rateText) messages a second"
    }
    guard kept < taken else {
      return Finding(
        .ok, "queue", site: site.id, "the broker kept all \(kept) messages\(lasts(kept)) or more")
    }
    return Finding(
      .error, "queue", site: site.id,
      "the broker kept only \(kept) of \(taken) messages\(lasts(kept)): the rest of an "
        + "outage would be lost",
      advice:
        "set max_queued_messages to messages a second times the seconds an outage may last (0: no limit), and "
        + "max_queued_bytes to fit")
  }
}
