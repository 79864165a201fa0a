/// Messages as they came in, in one byte arena that is used again and again.
///
/// Not `Sendable`: it belongs to the thread that owns the connection. In the steady state a message costs a
/// copy of its bytes and no allocation: topics are interned.
public final class MessageBatch {
  /// How much a batch takes before it is full.
  public struct Limit: Sendable {
    public var messages: Int
    public var bytes: Int

    public init(messages: Int = 2048, bytes: Int = 8 << 20) {
      self.messages = messages
      self.bytes = bytes
    }
  }

  private struct Record {
    var topic: Int
    var payload: Range<Int>
    var isRetained: Bool
  }

  private var bytes: [UInt8] = []
  private var records: [Record] = []
  private var topics: [String] = []
  private var topicBytes: [[UInt8]] = []
  private var topicsByHash: [UInt64: Int] = [:]
  /// Beyond that many distinct topics they are forgotten at the next `removeAll`.
  private static let topicLimit = 4096

  public init() {}

  public var count: Int { records.count }
  public var byteCount: Int { bytes.count }

  func isFull(_ limit: Limit) -> Bool { records.count >= limit.messages || bytes.count >= limit.bytes }

  /// Forgets the messages and keeps the memory.
  public func removeAll() {
    records.removeAll(keepingCapacity: true)
    bytes.removeAll(keepingCapacity: true)
    guard topics.count > Self.topicLimit else { return }
    topics.removeAll()
    topicBytes.removeAll()
    topicsByHash.removeAll()
  }

  /// Lends message number `index` for the duration of the call.
  public func withMessage<Result>(
    at index: Int, _ body: (_ topic: String, _ payload: Span<UInt8>, _ isRetained: Bool) throws -> Result
  ) rethrows -> Result {
    let record = records[index]
    return try unsafe bytes.withUnsafeBufferPointer { arena in
      let span = unsafe Span(_unsafeElements: arena)
      return try body(topics[record.topic], span.extracting(record.payload), record.isRetained)
    }
  }

  func append(topic: UnsafeBufferPointer<UInt8>, payload: UnsafeRawBufferPointer, isRetained: Bool) {
    let start = bytes.count
    unsafe bytes.append(contentsOf: payload)
    records.append(
      Record(topic: unsafe index(of: topic), payload: start..<bytes.count, isRetained: isRetained))
  }

  /// FNV-1a finds the candidate, a comparison of the bytes decides.
  private func index(of topic: UnsafeBufferPointer<UInt8>) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for unsafe byte in unsafe topic { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    if let index = topicsByHash[hash], unsafe topicBytes[index].elementsEqual(topic) { return index }
    topics.append(unsafe String(decoding: topic, as: UTF8.self))
    unsafe topicBytes.append(Array(topic))
    topicsByHash[hash] = topics.count - 1
    return topics.count - 1
  }
}
