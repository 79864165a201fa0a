package import AndonConfiguration
package import AndonCore
package import AndonRuntime
import AndonStatus
package import Mosquitto

/// Tests the real broker for what commonly goes wrong in production, with client ids of its own: a running
/// bridge is not disturbed. Its publications are empty and not retained; a bridge counts them as ignored.
package struct BrokerCheck {
  /// The extent of the check.
  package struct Plan: Sendable {
    /// How long to listen to cameras, seconds.
    package var listenSeconds = 3
    /// How many messages the broker must be able to keep while the bridge is down.
    package var queue = 2000
    /// Events a second of a site, for computing how long the queue lasts; nil: the rate seen while listening.
    package var rate: Double?

    package init() {}
  }

  /// The camera name of the check's publications; allow the bridge to write this camera's `event`.
  package static let camera = "andon-check"

  package let settings: Settings
  package let password: String?
  package let plan: Plan
  package let nowMs: @Sendable () -> Int64
  package let topics: TopicNames

  package init(_ settings: Settings, password: String?, plan: Plan, clock: WallClock = .system) {
    self.settings = settings
    self.password = password
    self.plan = plan
    nowMs = { clock.nowMs }
    topics = TopicNames(root: settings.topics.root)
  }

  /// Runs all checks, in the order in which a person would check. Takes about five seconds for each site.
  package func run() -> [Finding] {
    var findings: [Finding] = []
    guard let publisher = connect(&findings) else { return findings }
    findings += limits(of: publisher.connection)
    findings += writes(publisher)
    findings.append(controlCharacters(publisher.connection))
    for site in settings.sites { findings += grants(site) + check(site, publisher) + mappings(site) }
    findings += strangers()
    publisher.connection.disconnect()
    return findings
  }

  // MARK: Connecting

  package func connection(_ name: String) -> ConnectionSettings {
    ConnectionSettings(settings.broker, password: password, clientID: "andon-\(settings.bridge.id)-\(name)")
  }

  private func connect(_ findings: inout [Finding]) -> CheckClient? {
    let address = settings.broker.unixSocketPath ?? "\(settings.broker.host):\(settings.broker.port)"
    do {
      let client = try CheckClient(connection("check"))
      let (_, reason) = try client.connect()
      guard reason == 0 else {
        findings.append(
          Finding(
            .error, "login", "\(RefusedConnection(reason: reason))",
            advice: "check broker.username, broker.password_file and the broker's password file"))
        return nil
      }
      findings.append(Finding(.ok, "broker", "\(address) answers, MQTT 5"))
      findings += certificate(of: client.connection)
      let user = settings.broker.username.map { "as \"\($0)\"" } ?? "anonymously"
      findings.append(
        settings.broker.username == nil && settings.broker.tls?.certFile == nil
          ? Finding(
            .warning, "login", "logged in \(user): whoever reaches the broker can do what the bridge can",
            advice: "give the bridge a user of its own and set allow_anonymous false")
          : Finding(.ok, "login", "logged in \(user)"))
      return client
    } catch {
      findings.append(
        Finding(
          .error, "broker", "\(error)",
          advice: settings.broker.tls == nil
            ? "check broker.url, the network and whether the broker runs; a broker that speaks TLS needs mqtts://"
            : "check broker.url, broker.tls.ca_file, the certificate's dates and the name it was made for"))
      return nil
    }
  }

  private func certificate(of connection: Connection) -> [Finding] {
    guard settings.broker.tls != nil else {
      let isLocal =
        ["127.0.0.1", "::1", "localhost"].contains(settings.broker.host) || settings.broker.port == 0
      return isLocal
        ? []
        : [
          Finding(
            .warning, "tls", "the connection is not encrypted: passwords and events can be read on the way",
            advice: "use mqtts:// with broker.tls.ca_file")
        ]
    }
    guard let validity = connection.certificateValidity else {
      return [Finding(.ok, "tls", "encrypted, certificate and host name verified")]
    }
    let days = (validity.toSeconds - nowMs() / 1000) / 86_400
    let until = CivilTime.text(epochMs: validity.toSeconds * 1000).prefix(10)
    return [
      days < 30
        ? Finding(
          .warning, "tls", "the broker's certificate expires on \(until), in \(days) days",
          advice: "renew it now")
        : Finding(.ok, "tls", "encrypted, certificate and host name verified; valid until \(until)")
    ]
  }

  private func limits(of connection: Connection) -> [Finding] {
    let limits = connection.serverLimits
    var findings: [Finding] = []
    if limits.maximumQoS == 0 {
      findings.append(
        Finding(
          .error, "limits", "the broker allows QoS 0 only: what is under way in a crash would be lost",
          advice: "set max_qos 1 or 2"))
    }
    if limits.retainAvailable == false {
      findings.append(
        Finding(
          .error, "limits", "the broker keeps no retained messages: panels would start empty",
          advice: "set retain_available true"))
    }
    if let maximum = limits.maximumPacketBytes, maximum < 262_144 + 1024 {
      findings.append(
        Finding(
          .warning, "limits",
          "the broker takes packets of at most \(maximum) bytes; an array of events may have 256 KiB",
          advice: "set max_packet_size 300000 or more, or let cameras send smaller arrays"))
    }
    return findings.isEmpty
      ? [
        Finding(
          .ok, "limits",
          "QoS 1, retained messages, packets of 256 KiB; \(Self.unseen(limits.maximumPacketBytes))")
      ] : findings
  }

  /// What happens to messages that are too large for the bridge.
  private static func unseen(_ maximum: UInt32?) -> String {
    let ours = ConnectionSettings(host: "", port: 0, clientID: "").maximumPacketBytes
    return maximum.map { $0 <= ours } == true
      ? "what is larger than \(maximum ?? 0) bytes the broker refuses, its sender is told"
      : "what is larger than \(ours >> 20) MiB the broker drops before it reaches the bridge, and no count tells "
        + "(max_packet_size \(ours) would tell its sender)"
  }

  /// Publishes to every kind of topic of the bridge, with names that no panel uses.
  private func writes(_ client: CheckClient) -> [Finding] {
    guard let site = settings.sites.first?.id else { return [] }
    var wanted = [
      topics.kpi(site: site, scope: "site", id: Self.camera, window: "hour"),
      topics.kpiFinal(site: site, scope: "site", id: Self.camera, window: "hour"),
      topics.alert(site: site, class: "check", source: Self.camera),
      topics.reject(site: site, camera: Self.camera),
      "\(settings.topics.root)/\(site)/alert_event/check/\(Self.camera)",
      "\(settings.topics.root)/\(site)/cmd_result/check/\(Self.camera)",
      "\(settings.topics.root)/_bridge/\(settings.bridge.id)/check",
    ]
    if settings.topics.scalarTags {
      wanted.append(topics.tag(site: site, scope: "site", id: Self.camera, window: "hour", metric: "units"))
    }
    var refused: [String] = []
    for topic in wanted {
      do {
        if try client.publish(topic) >= 0x80 { refused.append(topic) }
      } catch { return [Finding(.error, "acl", "\(error)")] }
    }
    guard refused.isEmpty else {
      let filters = Set(refused.map(aclPattern)).sorted()
      return [
        Finding(
          .error, "acl", "the bridge may not publish to \(refused.joined(separator: ", "))",
          advice: filters.map { "topic write \($0)" }.joined(separator: "; ") + " in the broker's ACL file")
      ]
    }
    return [Finding(.ok, "acl", "may publish KPIs, alerts, rejections, results and its own status")]
  }

  /// The pattern that an ACL file needs for a topic of Andon.
  private func aclPattern(_ topic: String) -> String {
    let rest = topic.dropFirst(settings.topics.root.count + 1).split(separator: "/")
    if rest.first == "_bridge" { return "\(settings.topics.root)/_bridge/\(settings.bridge.id)/#" }
    if rest.count > 3, rest[1] == "camera" { return "\(settings.topics.root)/+/camera/+/reject" }
    return "\(settings.topics.root)/+/\(rest.count > 1 ? rest[1] : "+")/#"
  }

  // MARK: A site

  private func check(_ site: SiteSettings, _ publisher: CheckClient) -> [Finding] {
    var persistent = connection("\(site.id)-check")
    persistent.cleanStart = false
    persistent.sessionExpirySeconds = 60
    do {
      return try check(site, publisher, persistent)
    } catch {
      return [Finding(.error, "session", site: site.id, "\(error)", advice: "see what the broker logs")]
    }
  }

  private func check(
    _ site: SiteSettings, _ publisher: CheckClient, _ persistent: ConnectionSettings
  ) throws -> [Finding] {
    defer { try? forgetSession(persistent) }
    let reader = try CheckClient(persistent)
    _ = try reader.connect()
    let granted = try reader.subscribe(topics.eventFilter(site: site.id))
    // Reported by `grants`; without it there is nothing to listen to.
    guard RefusedSubscription([topics.eventFilter(site: site.id)], asked: 1, granted: [granted]) == nil else {
      return []
    }
    let probe = topics.event(site: site.id, camera: Self.camera)
    let mayWrite = try publisher.publish(probe) < 0x80
    try reader.listen(milliseconds: plan.listenSeconds * 1000)
    let sample = CameraSample(
      reader.messages, site: site, topics: topics, nowMs: nowMs(), seconds: plan.listenSeconds)
    var findings: [Finding] = []
    if reader.messages.contains(where: { $0.topic == probe }) {
      findings.append(
        Finding(.ok, "acl", site: site.id, "may read events: proven by a message that came back"))
    } else if sample.count > 0 {
      findings.append(Finding(.ok, "acl", site: site.id, "may read events: \(sample.count) messages came in"))
    } else if mayWrite {
      findings.append(
        Finding(
          .error, "acl", site: site.id,
          "the broker granted the subscription to \(topics.eventFilter(site: site.id)) and delivers nothing: its ACL "
            + "forbids reading",
          advice: "topic read \(topics.eventFilter(site: site.id)) in the broker's ACL file"))
    } else {
      findings.append(
        Finding(
          .warning, "acl", site: site.id,
          "reading was granted, but nothing came in \(plan.listenSeconds) s to prove it (mosquitto grants what its ACL "
            + "forbids)", advice: "let a camera send, or allow the bridge: topic write \(probe)"))
    }
    findings += sample.findings
    reader.connection.disconnect()
    findings += try session(
      site, publisher, persistent, probe: probe, mayWrite: mayWrite, rate: plan.rate ?? sample.rate)
    return findings
  }

  /// The topics of mappings: whether the broker lets the bridge read them, and what arrived.
  private func mappings(_ site: SiteSettings) -> [Finding] {
    let filters = MappingTable(site.mappings).filters
    guard !filters.isEmpty else { return [] }
    do {
      var findings: [Finding] = []
      let reader = try CheckClient(connection("\(site.id)-check-mappings"))
      _ = try reader.connect()
      var granted: [String] = []
      for filter in filters {
        if let refusal = refusal(filter, granted: try reader.subscribe(filter), site: site) {
          findings.append(refusal)
        } else {
          granted.append(filter)
        }
      }
      try reader.listen(milliseconds: plan.listenSeconds * 1000)
      for filter in granted {
        let pattern = try TopicPattern(filter)
        let messages = reader.messages.filter { pattern.match($0.topic) != nil }
        findings += found(messages, filter, site)
      }
      reader.connection.disconnect()
      return findings
    } catch {
      return [Finding(.error, "mapping", site: site.id, "\(error)", advice: "see what the broker logs")]
    }
  }

  private func found(_ messages: [CheckClient.Message], _ filter: String, _ site: SiteSettings) -> [Finding] {
    guard !messages.isEmpty else {
      return [
        Finding(
          .warning, "acl", site: site.id,
          "reading \(filter) was granted, but nothing came in \(plan.listenSeconds) s to prove it (mosquitto grants what "
            + "its ACL forbids)", advice: "let the camera send; topic read \(filter) in the broker's ACL file"
        )
      ]
    }
    var decoder = SampleDecoder(site: site, root: settings.topics.root, nowMs: nowMs())
    for message in messages where !message.isRetained && !message.payload.isEmpty { decoder.add(message) }
    let rejected = decoder.firstRejection.map { ", \(decoder.rejected) rejected, the first: \($0)" } ?? ""
    let finding = Finding(
      decoder.rejected == 0 ? .ok : .warning, "mapping", site: site.id,
      "\(filter): \(messages.count) messages in \(plan.listenSeconds) s, \(decoder.events) events good\(rejected)",
      advice: decoder.rejected == 0 ? "" : "andon check --sample shows what a payload becomes")
    return [finding] + [Finding.atMostOnce(decoder.atMostOnce, site: site.id)].compactMap(\.self)
  }

  /// Disconnects, publishes messages, reconnects and counts what the broker kept.
  private func session(
    _ site: SiteSettings, _ publisher: CheckClient, _ persistent: ConnectionSettings, probe: String,
    mayWrite: Bool, rate: Double
  ) throws -> [Finding] {
    let taken = mayWrite ? try publisher.flood(probe, count: plan.queue) : 0
    let reader = try CheckClient(persistent)
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
    let wantedExpiry = settings.broker.sessionExpirySeconds
    if let expiry = reader.connection.serverLimits.sessionExpirySeconds, expiry < min(60, wantedExpiry) {
      findings.append(
        Finding(
          .warning, "session", site: site.id, "the broker shortens the session to \(expiry) s",
          advice: "raise its limit to broker.session_expiry (\(wantedExpiry) s)"))
    }
    guard mayWrite, plan.queue > 0 else {
      findings.append(
        Finding(
          .warning, "queue", site: site.id,
          "the length of the broker's queue was not tried: the bridge may not write \(probe)",
          advice:
            "topic write \(probe) for the bridge, or read max_queued_messages in the broker's configuration"))
      return findings
    }
    try reader.listen(milliseconds: 5000) { $0.filter { $0.topic == probe }.count >= taken }
    let kept = reader.messages.filter { $0.topic == probe }.count
    reader.connection.disconnect()
    findings.append(queue(site, kept: kept, taken: taken, rate: rate))
    return findings
  }

  private func queue(_ site: SiteSettings, kept: Int, taken: Int, rate: Double) -> Finding {
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

  private func forgetSession(_ persistent: ConnectionSettings) throws {
    var last = persistent
    last.cleanStart = true
    last.sessionExpirySeconds = 0
    let client = try CheckClient(last)
    _ = try client.connect()
    client.connection.disconnect()
  }
}
