import AndonCore
import AndonPrivacy
import AndonStore

/// What is stored of events at a site that does not store workers' ids. Everything that comes from outside passes here,
/// from the broker, over HTTP, from a file and from the quarantine, before anything is written.
extension IngestBatch {
  /// The event with a pseudonym for its worker; as it came where ids are stored.
  mutating func stored(_ event: consuming Event, _ rules: IngestRules) -> Event {
    guard let pseudonyms = rules.pseudonyms, !isProtected, !event.workerID.isEmpty, failure == nil else {
      return event
    }
    let (workerID, eventID, ms) = (event.workerID, event.eventID, event.timestampMs)
    do {
      event.workerID = try self.pseudonyms.workerID(workerID, atMs: ms, pseudonyms)
      if !eventID.isEmpty {
        event.eventID = try self.pseudonyms.eventID(eventID, of: workerID, atMs: ms, pseudonyms)
      }
    } catch {
      failure = error
    }
    return event
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
    } catch {
      failure = error
      return input
    }
    return digest(of: input, pseudonyms, nowMs: nowMs)
  }

  /// Adds a rejected event of a camera with another format: as an event in Andon's format where the mapping could read
  /// enough of it, and otherwise as a hash. The topic may name the worker, too.
  mutating func append(
    rejected item: MappedItem, _ rejection: Rejection, _ payload: Span<UInt8>, _ range: Range<Int>,
    _ rules: IngestRules, nowMs: Int64
  ) {
    guard let pseudonyms = rules.pseudonyms else { return }
    let isReadable = !item.camera.isEmpty && !item.isTotal
    let kept = isReadable ? item.event : Self.bytes(of: payload, range)
    let input = RejectedInput(
      rejection: rejection, camera: item.camera,
      topic: item.camera.isEmpty ? "" : rules.topics.event(site: rules.siteID, camera: item.camera),
      payload: kept, payloadBytes: kept.count)
    append(
      isReadable ? stored(input, rules, nowMs: nowMs) : digest(of: input, pseudonyms, nowMs: nowMs))
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

  /// The same with a hash instead of its bytes.
  private mutating func digest(
    of input: RejectedInput, _ pseudonyms: SitePseudonyms, nowMs: Int64
  ) -> RejectedInput {
    var rejection = input.rejection
    // It may be made of the worker's id.
    rejection.eventID = nil
    do {
      let hash = try pseudonyms.digest(input.payload, at: nowMs)
      return RejectedInput(
        rejection: rejection, camera: input.camera, topic: input.topic,
        payload: Array("hmac-sha256:\(hash)".utf8), payloadBytes: input.payloadBytes, form: .digest)
    } catch {
      failure = error
      return input
    }
  }
}
