import AndonCore
import AndonPrivacy
import AndonStore

/// What is stored of events at a site that does not store workers' ids. Everything that comes from outside passes here,
/// from the broker, over HTTP, from a file and from the quarantine, before anything is written.
extension IngestBatch {
  /// The event with a pseudonym for its worker; as it came where ids are stored.
  mutating func stored(_ event: Event, _ rules: IngestRules) -> Event {
    guard let pseudonyms = rules.pseudonyms, !isProtected, !event.workerID.isEmpty, failure == nil else {
      return event
    }
    var stored = event
    do {
      stored.workerID = try self.pseudonyms.workerID(event.workerID, atMs: event.timestampMs, pseudonyms)
      if !event.eventID.isEmpty {
        stored.eventID = try self.pseudonyms.eventID(
          event.eventID, of: event.workerID, atMs: event.timestampMs, pseudonyms)
      }
    } catch {
      failure = error
    }
    return stored
  }

  /// Who a counter belongs to: that must not change with a rotation, or what was made in between would be lost.
  mutating func counterWorker(_ workerID: String, _ rules: IngestRules) -> String {
    guard let pseudonyms = rules.pseudonyms, !workerID.isEmpty else { return workerID }
    do {
      return try pseudonyms.counterText(of: workerID)
    } catch {
      failure = error
      return ""
    }
  }

  /// What is kept of a rejected event in Andon's own format: its known fields with a pseudonym, or a hash of bytes that
  /// cannot be read.
  mutating func stored(_ input: RejectedInput, _ rules: IngestRules, nowMs: Int64) -> RejectedInput {
    guard let pseudonyms = rules.pseudonyms, !isProtected, failure == nil else { return input }
    do {
      let context = rules.context(camera: input.camera, nowMs: nowMs)
      if input.payloadBytes == input.payload.count,
        let text = RejectedEventText(input.payload.span, context: context),
        let ids = try ids(of: text, pseudonyms, nowMs: nowMs)
      {
        let json = text.json(workerID: ids.worker, eventID: ids.event)
        if json.count <= Self.quarantinedBytes {
          var rejection = input.rejection
          rejection.eventID = ids.event
          return RejectedInput(
            rejection: rejection, camera: input.camera, topic: input.topic, payload: json,
            payloadBytes: json.count, form: .workerReplaced)
        }
      }
      return try digest(
        input.payload, input.rejection, camera: input.camera, topic: input.topic, bytes: input.payloadBytes,
        pseudonyms, nowMs: nowMs)
    } catch {
      failure = error
      return input
    }
  }

  /// Adds a rejected event of a camera with another format: as an event in Andon's format where the mapping could read
  /// enough of it, and otherwise as a hash. The topic may name the worker, too.
  mutating func append(
    rejected item: MappedItem, _ rejection: Rejection, _ payload: Span<UInt8>, _ range: Range<Int>,
    _ rules: IngestRules, nowMs: Int64
  ) {
    guard let pseudonyms = rules.pseudonyms else { return }
    let topic = item.camera.isEmpty ? "" : rules.topics.event(site: rules.siteID, camera: item.camera)
    if !item.camera.isEmpty, !item.isTotal {
      let json = item.event
      let input = RejectedInput(
        rejection: rejection, camera: item.camera, topic: topic, payload: json, payloadBytes: json.count)
      return append(stored(input, rules, nowMs: nowMs))
    }
    do {
      append(
        try digest(
          Self.bytes(of: payload, range), rejection, camera: item.camera, topic: topic, bytes: range.count,
          pseudonyms, nowMs: nowMs))
    } catch {
      failure = error
    }
  }

  private mutating func ids(
    of text: RejectedEventText, _ pseudonyms: SitePseudonyms, nowMs: Int64
  ) throws -> (worker: String?, event: String?)? {
    guard let workerID = text.workerID else { return (nil, text.isOfNoWorker ? text.eventID : nil) }
    let bounds = SitePseudonyms.Bounds(nowMs: nowMs, isClockTrusted: isClockTrusted)
    // Without a readable time the event is never accepted: any pseudonym does.
    let ms = text.timestampMs ?? nowMs
    guard
      let worker = try self.pseudonyms.workerID(ofRejected: workerID, atMs: ms, bounds, pseudonyms)
    else { return nil }
    let event = try text.eventID.map {
      try self.pseudonyms.eventID($0, of: workerID, atMs: ms, pseudonyms)
    }
    return (worker, event)
  }

  private func digest(
    _ payload: [UInt8], _ rejection: Rejection, camera: String, topic: String, bytes: Int,
    _ pseudonyms: SitePseudonyms, nowMs: Int64
  ) throws -> RejectedInput {
    var rejection = rejection
    // It may be made of the worker's id.
    rejection.eventID = nil
    return RejectedInput(
      rejection: rejection, camera: camera, topic: topic,
      payload: Array("hmac-sha256:\(try pseudonyms.digest(payload, at: nowMs))".utf8), payloadBytes: bytes,
      form: .digest)
  }
}
