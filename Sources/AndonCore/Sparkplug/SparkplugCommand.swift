/// The metrics that a host writes to a node or device; Andon reads boolean values only.
public struct SparkplugCommand: Sendable, Hashable {
  /// One metric to write.
  public struct Write: Sendable, Hashable {
    public var name: String?
    public var alias: UInt64?
    /// Nil when the value has another type.
    public var boolean: Bool?
  }

  public var writes: [Write]

  /// The most metrics of one command.
  static let limit = 1024

  /// Reads an NCMD or DCMD; nil for bytes that are no Sparkplug B payload. Unknown fields are skipped.
  public init?(payload: [UInt8]) {
    var reader = ProtobufReader(payload)
    var writes: [Write] = []
    while !reader.isAtEnd {
      guard let (number, value) = reader.next() else { return nil }
      guard number == 2 else { continue }
      guard case .bytes(let range) = value, writes.count < Self.limit,
        let write = Self.write(reader.reader(range))
      else { return nil }
      writes.append(write)
    }
    self.writes = writes
  }

  private static func write(_ metric: ProtobufReader) -> Write? {
    var metric = metric
    var write = Write()
    while !metric.isAtEnd {
      guard let (number, value) = metric.next() else { return nil }
      switch (number, value) {
      case (1, .bytes(let range)):
        guard let name = metric.text(range) else { return nil }
        write.name = name
      case (2, .varint(let alias)): write.alias = alias
      case (14, .varint(let flag)): write.boolean = flag != 0
      default: break
      }
    }
    return write
  }
}
