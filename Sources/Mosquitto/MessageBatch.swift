/// Received messages in one byte arena, which is reused.
///
/// Not `Sendable`: it belongs to the thread that owns the connection. In the steady state a message costs a
/// copy of its bytes and no allocation: topics are interned. The memory is bounded by the limit it is filled
/// to plus one packet, or one TLS record of small ones.
public final class MessageBatch {
  /// When a batch counts as full.
  public struct Limit: Sendable {
    public var messages: Int
    public var bytes: Int

    public init(messages: Int = 2048, bytes: Int = 8 << 20) {
      self.messages = messages
      self.bytes = bytes
    }
  }

  /// Where a request wants its answer (MQTT 5, 4.10).
  public struct ReplyAddress: Sendable, Equatable {
    public let topic: String
    public let correlationData: [UInt8]?
  }

  /// The properties of a message. The library does not report whether it is a redelivery (DUP).
  public struct Metadata: Sendable, Equatable {
    public let qos: Int32
    public let isRetained: Bool
    public let reply: ReplyAddress?
  }

  private struct Record {
    var topic: Int
    var payload: Range<Int>
    var qos: Int32
    var isRetained: Bool
  }

  private var bytes: [UInt8] = []
  private var records: [Record] = []
  /// Few messages have a reply address, so they are stored separately, by index.
  private var replies: [Int: ReplyAddress] = [:]
  private var topics: [String] = []
  private var topicBytes: [[UInt8]] = []
  private var topicsByHash: [UInt64: Int] = [:]
  /// With more distinct topics, all are forgotten at the next `removeAll`.
  private static let topicLimit = 4096
  /// A larger arena, grown for one very large message, is not kept.
  private static let arenaLimit = 32 << 20

  public init() {}

  /// How many messages it holds.
  public var count: Int { records.count }
  /// How many bytes of payload it holds.
  public var byteCount: Int { bytes.count }

  func isFull(_ limit: Limit) -> Bool { records.count >= limit.messages || bytes.count >= limit.bytes }

  /// Discards the messages and keeps the memory.
  public func removeAll() {
    records.removeAll(keepingCapacity: true)
    bytes.removeAll(keepingCapacity: bytes.capacity <= Self.arenaLimit)
    if !replies.isEmpty { replies.removeAll() }
    guard topics.count > Self.topicLimit else { return }
    topics.removeAll()
    topicBytes.removeAll()
    topicsByHash.removeAll()
  }

  public subscript(index: Int) -> Metadata {
    let record = records[index]
    return Metadata(qos: record.qos, isRetained: record.isRetained, reply: replies[index])
  }

  /// A small number for the message's topic: equal for equal topics, until `removeAll` forgets topics.
  public func topicNumber(at index: Int) -> Int { records[index].topic }

  /// Lends message number `index` for the duration of the call.
  public func withMessage<Result>(
    at index: Int, _ body: (_ topic: String, _ payload: Span<UInt8>, _ isRetained: Bool) throws -> Result
  ) rethrows -> Result {
    let record = records[index]
    let arena = bytes
    return try body(topics[record.topic], arena.span.extracting(record.payload), record.isRetained)
  }

  /// Adds a message, for fakes of a connection.
  package func append(topic: String, payload: [UInt8], qos: Int32 = 1, isRetained: Bool = false) {
    var topic = topic
    topic.withUTF8 { topic in
      unsafe payload.withUnsafeBytes { payload in
        unsafe append(topic: topic, payload: payload, qos: qos, isRetained: isRetained, reply: nil)
      }
    }
  }

  func append(
    topic: UnsafeBufferPointer<UInt8>, payload: UnsafeRawBufferPointer, qos: Int32, isRetained: Bool,
    reply: ReplyAddress?
  ) {
    let start = bytes.count
    unsafe bytes.append(contentsOf: payload)
    if let reply { replies[records.count] = reply }
    records.append(
      Record(
        topic: unsafe index(of: topic), payload: start..<bytes.count, qos: qos, isRetained: isRetained))
  }

  /// FNV-1a finds the candidate; a comparison of the bytes decides.
  private func index(of topic: UnsafeBufferPointer<UInt8>) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for position in topic.indices {
      hash = unsafe (hash ^ UInt64(topic[position])) &* 0x0000_0100_0000_01b3
    }
    if let index = topicsByHash[hash], unsafe topicBytes[index].elementsEqual(topic) { return index }
    topics.append(unsafe String(decoding: topic, as: UTF8.self))
    unsafe topicBytes.append(Array(topic))
    topicsByHash[hash] = topics.count - 1
    return topics.count - 1
  }
}
