import Glibc

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

  /// One value, because each access to a property of a class is checked at run time.
  private var contents = Contents()

  public init() {}

  /// How many messages it holds.
  public var count: Int { contents.records.count }
  /// How many bytes of payload it holds.
  public var byteCount: Int { contents.bytes.count }

  func isFull(_ limit: Limit) -> Bool { count >= limit.messages || byteCount >= limit.bytes }

  /// Discards the messages and keeps the memory.
  public func removeAll() { contents.removeAll() }

  public subscript(index: Int) -> Metadata { contents.metadata(at: index) }

  /// Lends message number `index` for the duration of the call.
  public func withMessage<Result>(
    at index: Int, _ body: (_ topic: String, _ payload: Span<UInt8>, _ isRetained: Bool) throws -> Result
  ) rethrows -> Result {
    let contents = contents
    let record = contents.records[index]
    return try body(
      contents.topics[record.topic], contents.bytes.span.extracting(record.payload), record.isRetained)
  }

  /// Lends all messages in order, each for the duration of its call. They must not be changed meanwhile.
  ///
  /// The number of a topic is small: equal for equal topics, until `removeAll` forgets topics.
  public func visit(
    _ body: (_ topic: String, _ topicNumber: Int, _ payload: Span<UInt8>, _ message: Metadata) throws -> Void
  ) rethrows {
    let contents = contents
    for index in contents.records.indices {
      let record = contents.records[index]
      try body(
        contents.topics[record.topic], record.topic, contents.bytes.span.extracting(record.payload),
        contents.metadata(at: index))
    }
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
    unsafe contents.append(topic: topic, payload: payload, qos: qos, isRetained: isRetained, reply: reply)
  }
}

extension MessageBatch {
  private struct Contents {
    var bytes: [UInt8] = []
    var records: [Record] = []
    /// Few messages have a reply address, so they are stored separately, by index.
    private var replies: [Int: ReplyAddress] = [:]
    var topics: [String] = []
    private var topicBytes: [[UInt8]] = []
    private var topicsByHash: [UInt64: Int] = [:]
    /// By the top byte of the hash, the topic that had it last; -1 for none.
    private var recent = [Int](repeating: -1, count: 256)
    /// With more distinct topics, all are forgotten at the next `removeAll`.
    private static let topicLimit = 4096
    /// A larger arena, grown for one very large message, is not kept.
    private static let arenaLimit = 32 << 20

    func metadata(at index: Int) -> Metadata {
      let record = records[index]
      return Metadata(
        qos: record.qos, isRetained: record.isRetained, reply: replies.isEmpty ? nil : replies[index])
    }

    mutating func removeAll() {
      records.removeAll(keepingCapacity: true)
      bytes.removeAll(keepingCapacity: bytes.capacity <= Self.arenaLimit)
      if !replies.isEmpty { replies.removeAll() }
      guard topics.count > Self.topicLimit else { return }
      topics.removeAll()
      topicBytes.removeAll()
      topicsByHash.removeAll()
      for slot in recent.indices { recent[slot] = -1 }
    }

    mutating func append(
      topic: UnsafeBufferPointer<UInt8>, payload: UnsafeRawBufferPointer, qos: Int32, isRetained: Bool,
      reply: ReplyAddress?
    ) {
      let start = bytes.count
      unsafe bytes.append(contentsOf: payload)
      if let reply { replies[records.count] = reply }
      records.append(
        Record(
          topic: unsafe number(of: topic), payload: start..<bytes.count, qos: qos, isRetained: isRetained))
    }

    /// The hash finds the candidate; a comparison of the bytes decides.
    private mutating func number(of topic: UnsafeBufferPointer<UInt8>) -> Int {
      let hash = unsafe Self.hash(UnsafeRawBufferPointer(topic))
      let slot = Int(hash >> 56)
      if unsafe isTopic(recent[slot], topic) { return recent[slot] }
      if let number = topicsByHash[hash], unsafe isTopic(number, topic) {
        recent[slot] = number
        return number
      }
      let number = topics.count
      topics.append(unsafe String(decoding: topic, as: UTF8.self))
      unsafe topicBytes.append(Array(topic))
      topicsByHash[hash] = number
      recent[slot] = number
      return number
    }

    private func isTopic(_ number: Int, _ topic: UnsafeBufferPointer<UInt8>) -> Bool {
      let count = topic.count
      guard number >= 0, topicBytes[number].count == count else { return false }
      // The closure must not capture `self`: that would copy the whole value.
      return unsafe topicBytes[number].withUnsafeBytes { known in
        guard let known = known.baseAddress, let topic = topic.baseAddress else { return true }
        return unsafe memcmp(known, topic, count) == 0
      }
    }

    /// Multiplies in eight bytes at a time.
    private static func hash(_ text: UnsafeRawBufferPointer) -> UInt64 {
      var hash = UInt64(text.count)
      func mix(_ word: UInt64) {
        hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
        hash ^= hash >> 32
      }
      var offset = 0
      while offset + 8 <= text.count {
        mix(unsafe text.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        offset += 8
      }
      var rest: UInt64 = 0
      while offset < text.count {
        rest = rest << 8 | UInt64(unsafe text[offset])
        offset += 1
      }
      mix(rest)
      return hash &* 0x9E37_79B9_7F4A_7C15
    }
  }
}
