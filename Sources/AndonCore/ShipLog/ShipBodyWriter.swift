/// Collects the records of one commit into bodies. A body that is full is closed, and another one begun.
package final class ShipBodyWriter {
  private var buffer = ShipBodyBuffer()
  private var full: [ShipBody] = []
  /// Records of a trial are not collected.
  package var isPaused = false

  package init() {}

  package var isEmpty: Bool { full.isEmpty && buffer.rows == 0 }

  /// Bytes so far.
  package var count: Int { full.reduce(buffer.count) { $0 + $1.bytes.count } }

  package func append(_ record: ShipRecord) {
    guard !isPaused else { return }
    buffer.append(record)
    closeIfFull()
  }

  /// Appends an event with the numbers of its names. 0.1 µs.
  ///
  /// - Parameter identifier: the event's id as it is stored: 16 bytes of a UUID, or its text.
  package func append(
    _ event: Event, camera: String, _ numbers: ShipNumbers, _ arrival: ShipArrival, identifier: Span<UInt8>
  ) {
    guard !isPaused else { return }
    buffer.append(event, camera: camera, numbers, arrival)
    buffer.append(identifier: identifier, isUUID: arrival.isUUID)
    closeIfFull()
  }

  private func closeIfFull() {
    guard buffer.isFull else { return }
    full.append(buffer.body)
    buffer = ShipBodyBuffer()
  }

  /// The bodies, and forgets them.
  package func dequeue() -> [ShipBody] {
    if buffer.rows > 0 { full.append(buffer.body) }
    buffer = ShipBodyBuffer()
    defer { full = [] }
    return full
  }
}
