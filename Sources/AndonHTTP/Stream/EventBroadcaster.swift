import AndonCore
package import AndonIngest
package import Mosquitto
import Synchronization

/// Sends events to all clients of the HTTP stream.
///
/// Producers add messages without blocking; five times a second the new ones are written to the clients, one
/// chunk for all clients with the same filter. The last messages are kept, so that a client that reconnects
/// soon misses nothing.
package final class EventBroadcaster: Sendable {
  private struct State {
    var clients: [ObjectIdentifier: StreamClient] = [:]
    var kept: [StreamMessage] = []
    var keptBytes = 0
    var sent: UInt64 = 0
    var number: UInt64 = 0
    var eventsLeft: [String: Int] = [:]
    var isClosed = false
    var slowClients: Int64 = 0
  }

  static let keptLimit = 4096
  /// The most bytes of kept messages: a client that reconnects gets no more than may wait for it.
  static let keptByteLimit = StreamClient.byteLimit
  static let flushInterval: Duration = .milliseconds(200)
  /// How many events a second of a site are sent.
  static let eventsPerSecond = 20

  /// Identifies this run, so that ids of an earlier run are recognized as such.
  private let run: String
  private let root: String
  private let clientLimit: Int
  private let state = Mutex(State())

  package init(startedAtMs: Int64, root: String, clientLimit: Int) {
    run = String(startedAtMs, radix: 36)
    self.root = root + "/"
    self.clientLimit = clientLimit
  }

  var clientCount: Int { state.withLock { $0.clients.count } }
  var slowClients: Int64 { state.withLock { $0.slowClients } }

  /// Adds a publication if the stream shows its kind.
  package func offer(_ publication: Publication) {
    guard publication.topic.hasPrefix(root) else { return }
    let levels = publication.topic.dropFirst(root.count).split(separator: "/")
    guard levels.count > 1, !publication.payload.isEmpty else { return }
    let site = String(levels[0])
    switch (levels[1], levels.count) {
    case ("kpi", 5), ("kpi_final", 5):
      append(.kpi, site, publication.payload, scope: String(levels[2]), window: String(levels[4]))
    case ("alert", 4): append(.alert, site, publication.payload)
    default: break
    }
  }

  package func offer(_ samples: [EventSample], site: String, nowMs: Int64) {
    guard !samples.isEmpty else { return }
    let granted = state.withLock { state in
      let left = state.eventsLeft[site] ?? Self.eventsPerSecond
      let granted = min(left, samples.count)
      state.eventsLeft[site] = left - granted
      return granted
    }
    for sample in samples.prefix(granted) {
      append(.event, site, sample.json(site: site, receivedAtMs: nowMs))
    }
  }

  package func offer(status: [UInt8], site: String) { append(.status, site, status) }

  /// Adds a message of the overview.
  func offer(_ kind: StreamMessage.Kind, _ site: String, _ json: [UInt8]) { append(kind, site, json) }

  private func append(
    _ kind: StreamMessage.Kind, _ site: String, _ json: [UInt8], scope: String = "", window: String = ""
  ) {
    state.withLock { state in
      state.number += 1
      let head = "id: \(run)-\(state.number)\nevent: \(kind.rawValue)\ndata: "
      var frame: [UInt8] = []
      frame.reserveCapacity(head.utf8.count + json.count + 2)
      frame.append(contentsOf: head.utf8)
      frame.append(contentsOf: json)
      frame.append(contentsOf: [0x0A, 0x0A])
      state.kept.append(
        StreamMessage(
          number: state.number, kind: kind, siteID: site, scope: scope, window: window, frame: frame))
      state.keptBytes += frame.count
      Self.trim(&state)
    }
  }

  /// Drops the oldest written messages down to the limits, once there are twice as many.
  private static func trim(_ state: inout State) {
    guard state.kept.count > keptLimit * 2 || state.keptBytes > keptByteLimit * 2 else { return }
    var (count, bytes) = (state.kept.count, state.keptBytes)
    var end = 0
    while end < state.kept.count, state.kept[end].number <= state.sent || count > keptLimit * 2,
      count > keptLimit || bytes > keptByteLimit
    {
      bytes -= state.kept[end].frame.count
      count -= 1
      end += 1
    }
    state.kept.removeFirst(end)
    state.keptBytes = bytes
  }

  /// Adds a client and sends what it missed since `lastEventID`; nil when there are too many clients.
  ///
  /// - Parameter isStillValid: asked at each heartbeat; the stream ends when the client may not have it any more.
  package func subscribe(
    _ filter: StreamFilter, lastEventID: String?, isStillValid: @escaping @Sendable () -> Bool = { true }
  ) -> StreamClient? {
    state.withLock { state in
      guard !state.isClosed, state.clients.count < clientLimit else { return nil }
      let client = StreamClient(filter: filter, isStillValid: isStillValid)
      var hello = Array("retry: 2000\n: andon\n\n".utf8)
      if let lastEventID { hello += Self.missed(since: lastEventID, run: run, filter, state) }
      _ = client.offer(hello)
      state.clients[ObjectIdentifier(client)] = client
      return client
    }
  }

  /// The messages that a client missed, with a `gap` if some are no longer kept.
  private static func missed(
    since id: String, run: String, _ filter: StreamFilter, _ state: State
  ) -> [UInt8] {
    let gap = Array("event: gap\ndata: {\"reason\":\"older than what is kept\"}\n\n".utf8)
    let parts = id.split(separator: "-")
    guard parts.count == 2, parts[0] == run, let number = UInt64(parts[1]) else { return gap }
    let first = state.kept.first?.number ?? state.number + 1
    var missed: [UInt8] = []
    var hasGap = number + 1 < first
    let wanted = state.kept.filter { $0.number > number && $0.number <= state.sent && filter.wants($0) }
    // The newest ones, as many as may wait.
    var start = wanted.endIndex
    var bytes = 0
    while start > wanted.startIndex, bytes + wanted[start - 1].frame.count <= StreamClient.byteLimit {
      start -= 1
      bytes += wanted[start].frame.count
    }
    hasGap = hasGap || start > wanted.startIndex
    missed.reserveCapacity(bytes)
    for message in wanted[start...] { missed += message.frame }
    return (hasGap ? gap : []) + missed
  }

  package func unsubscribe(_ client: StreamClient) {
    state.withLock { $0.clients[ObjectIdentifier(client)] = nil }
    client.finish()
  }

  /// Writes the new messages to all clients that want them. `isBeat`: clients without any get a heartbeat.
  package func flush(isBeat: Bool) {
    state.withLock { state in
      let start = state.kept.firstIndex { $0.number > state.sent } ?? state.kept.endIndex
      let fresh = state.kept[start...]
      state.sent = state.number
      var chunks: [StreamFilter: [UInt8]] = [:]
      let beat = Array(": beat\n\n".utf8)
      for (key, client) in state.clients {
        if isBeat, !client.isStillValid() {
          state.clients[key] = nil
          client.finish()
          continue
        }
        let chunk = chunks[client.filter] ?? fresh.filter(client.filter.wants).flatMap(\.frame)
        chunks[client.filter] = chunk
        guard !chunk.isEmpty || isBeat else { continue }
        if !client.offer(chunk.isEmpty ? beat : chunk) {
          state.clients[key] = nil
          state.slowClients += 1
        }
      }
    }
  }

  /// Once a second: resets the limit of events.
  func refill() { state.withLock { $0.eventsLeft.removeAll(keepingCapacity: true) } }

  /// Ends all streams.
  package func close() {
    state.withLock { state in
      state.isClosed = true
      for client in state.clients.values { client.finish() }
      state.clients.removeAll()
    }
  }
}
