package import AndonCore
import AndonPrivacy
import AndonStore
package import Mosquitto

/// The decoded entries of one batch of messages, in order of arrival, before anything is written.
package struct IngestBatch: Sendable {
  /// One entry; each event ends in exactly one counted outcome.
  package enum Entry: Sendable {
    case event(Event, camera: String)
    /// A counter's reading: the transaction computes the event's count from the reading before. Indirect, so
    /// that the entries of Andon's own events stay small.
    /// `worker` is who the counter belongs to, also after a rotation of pseudonyms.
    indirect case total(Event, camera: String, mapping: String, worker: String, total: Int64)
    indirect case rejected(RejectedInput)
    case cameraStatus(CameraStatus, camera: String)
    case command(CommandRequest)
    /// The broker's count of dropped messages since its start, of all clients.
    case brokerDropped(Int64, brokerStartedAtMs: Int64?)
    case ignored
  }

  /// Mosquitto's count of messages that it dropped because a queue was full.
  package static let brokerDroppedTopic = "$SYS/broker/publish/messages/dropped"
  /// How long the broker has run, `123 seconds`: after a restart its counts begin at 0.
  package static let brokerUptimeTopic = "$SYS/broker/uptime"

  package private(set) var entries: [Entry] = []
  private var items: [DecodedItem] = []
  private var brokerReport = BrokerReport()
  /// Topics repeat with every message of a camera: each is parsed once and cached by the number that the
  /// message batch gave it.
  private var routes: [(topic: String, route: TopicRoute)?] = []
  private static let topicCacheLimit = 4096

  /// How messages of a topic are read.
  private enum TopicRoute {
    case own(InboundTopic)
    case mapped(MappingTable.Route)
  }

  private var mapped: [MappedItem] = []
  var pseudonyms = PseudonymCache()
  /// The clock, for rejected events of a site with pseudonyms.
  package var isClockTrusted = true
  /// The workers of its events have their pseudonyms already.
  var isProtected = false
  /// Why a worker's pseudonym could not be made: the batch must not be committed.
  var failure: (any Error)?
  /// How many bytes of a rejected event are stored.
  package static let quarantinedBytes = 65_536
  private static let quarantinedTopicCharacters = 512

  package init() {}

  /// Entries from here on came over HTTP; their senders want each outcome.
  private(set) var answeredFrom = Int.max
  /// The batch has entries that came over HTTP.
  var hasPosted: Bool { answeredFrom < entries.count }
  /// Messages that arrived with QoS 0, by camera.
  package private(set) var atMostOnce: [String: Int64] = [:]
  /// The batch has messages from the broker, not only from a file or HTTP.
  private(set) var isFromBroker = false

  package var isEmpty: Bool { entries.isEmpty }

  package mutating func removeAll() {
    entries.removeAll(keepingCapacity: true)
    answeredFrom = .max
    if !atMostOnce.isEmpty { atMostOnce.removeAll(keepingCapacity: true) }
    isFromBroker = false
    failure = nil
  }

  /// Decodes a message from the broker.
  package mutating func append(
    topic: String, payload: Span<UInt8>, _ message: MessageBatch.Metadata, topicNumber: Int?,
    rules: IngestRules, nowMs: Int64
  ) {
    isFromBroker = true
    let start = entries.count
    append(
      topic: topic, payload: payload, isRetained: message.isRetained, reply: message.reply,
      topicNumber: topicNumber, rules: rules, nowMs: nowMs)
    // The subscription grants QoS 1, so a message that arrives with QoS 0 was published with QoS 0.
    if message.qos == 0 { recordAtMostOnce(from: start) }
  }

  private mutating func recordAtMostOnce(from start: Int) {
    for camera in cameras(from: start) { atMostOnce[camera, default: 0] += 1 }
  }

  /// The cameras of these entries' events.
  package func cameras(from start: Int = 0) -> Set<String> {
    Set(
      entries[start...].compactMap { entry in
        switch entry {
        case .event(_, let camera), .total(_, let camera, _, _, _): camera.isEmpty ? nil : camera
        case .rejected(let input): input.camera.isEmpty ? nil : input.camera
        case .cameraStatus, .command, .brokerDropped, .ignored: nil
        }
      })
  }

  /// Decodes posted events and returns the range of entries of each.
  package mutating func append(_ posted: [PostedEvents], rules: IngestRules, nowMs: Int64) -> [Range<Int>] {
    answeredFrom = entries.count
    var ranges: [Range<Int>] = []
    for posted in posted {
      let start = entries.count
      let payload = posted.payload
      append(
        payload: payload.span, camera: posted.cameraID,
        topic: rules.topics.event(site: rules.siteID, camera: posted.cameraID), rules: rules, nowMs: nowMs)
      ranges.append(start..<entries.count)
    }
    return ranges
  }

  /// Decodes one message. Retained deliveries and empty payloads are no events: they are counted as ignored.
  package mutating func append(
    topic: String, payload: Span<UInt8>, isRetained: Bool, reply: MessageBatch.ReplyAddress? = nil,
    topicNumber: Int? = nil, rules: IngestRules, nowMs: Int64
  ) {
    if topic.utf8.first == UInt8(ascii: "$"),
      append(broker: topic, payload, isRetained: isRetained, nowMs: nowMs)
    {
      return
    }
    switch route(of: topic, number: topicNumber, rules: rules) {
    case .own(.event(let site, let camera)) where site == rules.siteID:
      if isRetained || payload.isEmpty {
        entries.append(.ignored)
      } else {
        append(payload: payload, camera: camera, topic: topic, rules: rules, nowMs: nowMs)
      }
    case .own(.cameraStatus(let site, let camera)) where site == rules.siteID:
      append(status: payload, camera: camera)
    case .own(.command(let site, let group, let name)) where site == rules.siteID:
      // Ignore retained commands: they do not express a current request.
      if isRetained {
        entries.append(.ignored)
      } else {
        let bytes = Self.bytes(of: payload, 0..<min(payload.count, CommandRequest.maximumBytes + 1))
        entries.append(.command(CommandRequest(group: group, name: name, payload: bytes, reply: reply)))
      }
    case .own(.event(let site, _)), .own(.cameraStatus(let site, _)), .own(.command(let site, _, _)):
      let rejection = Rejection(
        code: .unlistedSite, field: "topic",
        detail:
          "it names the site \(site) and came by a subscription of \(rules.siteID): correct the camera's topic, or "
          + "add the site to sites", eventID: nil)
      append(rejection, camera: "", topic: topic, payload, 0..<payload.count, rules, nowMs: nowMs)
    case .mapped(let route):
      append(
        payload: payload, route: route, topic: topic, isRetained: isRetained, rules: rules, nowMs: nowMs)
    case nil: appendUnreadableTopic(topic, payload: payload, rules, nowMs: nowMs)
    }
  }

  /// Numbers start again when the message batch forgets its topics, so the topic itself must be equal.
  private mutating func route(of topic: String, number: Int?, rules: IngestRules) -> TopicRoute? {
    if let number, number < routes.count, let known = routes[number], known.topic == topic {
      return known.route
    }
    let route =
      InboundTopic(topic: topic, root: rules.topics.root).map(TopicRoute.own)
      ?? rules.mappings.route(topic).map(TopicRoute.mapped)
    guard let route, let number, number < Self.topicCacheLimit else { return route }
    while routes.count <= number { routes.append(nil) }
    routes[number] = (topic, route)
    return route
  }

  /// Decodes the message of a camera that uses another format.
  private mutating func append(
    payload: Span<UInt8>, route: MappingTable.Route, topic: String, isRetained: Bool, rules: IngestRules,
    nowMs: Int64
  ) {
    guard !isRetained, !payload.isEmpty else {
      entries.append(.ignored)
      return
    }
    mapped.removeAll(keepingCapacity: true)
    rules.mapper.decode(
      payload, route: route, table: rules.mappings, context: rules.context(camera: "", nowMs: nowMs),
      into: &mapped)
    for item in mapped {
      switch item.outcome {
      case .event(let event): entries.append(.event(stored(event, rules), camera: item.camera))
      case .total(let event, let total):
        entries.append(
          .total(
            stored(event, rules), camera: item.camera, mapping: item.mapping,
            worker: counterWorker(event.workerID, rules), total: total))
      case .rejected(let rejection, let range):
        guard rules.pseudonyms == nil else {
          append(rejected: item, rejection, payload, range, rules, nowMs: nowMs)
          break
        }
        append(rejection, camera: item.camera, topic: topic, payload, range, rules, nowMs: nowMs)
      case .ignored: entries.append(.ignored)
      }
    }
  }

  /// Decodes a payload of a known camera (also from a file or over HTTP).
  package mutating func append(
    payload: Span<UInt8>, camera: String, topic: String, rules: IngestRules, nowMs: Int64
  ) {
    items.removeAll(keepingCapacity: true)
    rules.decoder.decode(payload, context: rules.context(camera: camera, nowMs: nowMs), into: &items)
    // Nearly every message has one event, which is moved.
    if items.count == 1 {
      append(items.removeLast(), camera: camera, topic: topic, payload, rules, nowMs: nowMs)
    } else {
      for item in items { append(item, camera: camera, topic: topic, payload, rules, nowMs: nowMs) }
    }
  }

  private mutating func append(
    _ item: consuming DecodedItem, camera: String, topic: String, _ payload: Span<UInt8>,
    _ rules: IngestRules, nowMs: Int64
  ) {
    switch item {
    case .event(let event): entries.append(.event(stored(event, rules), camera: camera))
    case .rejected(let rejection, let range):
      append(rejection, camera: camera, topic: topic, payload, range, rules, nowMs: nowMs)
    }
  }

  private mutating func append(status payload: Span<UInt8>, camera: String) {
    switch String(decoding: Self.bytes(of: payload, 0..<min(payload.count, 16)), as: UTF8.self) {
    case "online": entries.append(.cameraStatus(.online, camera: camera))
    case "offline": entries.append(.cameraStatus(.offline, camera: camera))
    default: entries.append(.ignored)
    }
  }

  /// Reads a topic of the broker's own. Returns whether it is such a topic.
  private mutating func append(
    broker topic: String, _ payload: Span<UInt8>, isRetained: Bool, nowMs: Int64
  ) -> Bool {
    guard topic == Self.brokerDroppedTopic || topic == Self.brokerUptimeTopic else { return false }
    let text = String(decoding: Self.bytes(of: payload, 0..<min(payload.count, 40)), as: UTF8.self)
    if let report = brokerReport.read(topic: topic, text: text, isRetained: isRetained, nowMs: nowMs) {
      entries.append(.brokerDropped(report.dropped, brokerStartedAtMs: report.startedAtMs))
    }
    return true
  }

  private mutating func appendUnreadableTopic(
    _ topic: String, payload: Span<UInt8>, _ rules: IngestRules, nowMs: Int64
  ) {
    let rejection = Rejection(
      code: .schema, field: "topic", detail: "must name a camera by 1 to 64 of [A-Za-z0-9_-]", eventID: nil)
    append(rejection, camera: "", topic: topic, payload, 0..<payload.count, rules, nowMs: nowMs)
  }

  private mutating func append(
    _ rejection: Rejection, camera: String, topic: String, _ payload: Span<UInt8>, _ range: Range<Int>,
    _ rules: IngestRules, nowMs: Int64
  ) {
    let kept = range.lowerBound..<min(range.upperBound, range.lowerBound + Self.quarantinedBytes)
    let input = RejectedInput(
      rejection: rejection, camera: camera, topic: String(topic.prefix(Self.quarantinedTopicCharacters)),
      payload: Self.bytes(of: payload, kept), payloadBytes: range.count,
      form: isProtected ? .workerReplaced : .received)
    entries.append(.rejected(stored(input, rules, nowMs: nowMs)))
  }

  mutating func append(_ input: RejectedInput) { entries.append(.rejected(input)) }

  static func bytes(of span: Span<UInt8>, _ range: Range<Int>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(range.count)
    for index in range { bytes.append(span[index]) }
    return bytes
  }
}
