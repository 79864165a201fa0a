/// A camera as the file has it: at most a second behind the events.
package struct ShippedCamera: Sendable, Hashable {
  package var cameraID: String
  package var events: Int64
  /// 0 for never, epoch milliseconds.
  package var lastEventMs: Int64
  package var lastReceivedMs: Int64
  package var status: String
  package var qos0Received: Int64
  package var lastQoS0Ms: Int64

  package init(
    cameraID: String, events: Int64, lastEventMs: Int64, lastReceivedMs: Int64, status: String,
    qos0Received: Int64, lastQoS0Ms: Int64
  ) {
    (self.cameraID, self.events, self.status) = (cameraID, events, status)
    (self.lastEventMs, self.lastReceivedMs) = (lastEventMs, lastReceivedMs)
    (self.qos0Received, self.lastQoS0Ms) = (qos0Received, lastQoS0Ms)
  }
}

extension ShippedCamera {
  func append(to writer: inout ShipBodyBuffer) {
    for text in [cameraID, status] { writer.append(name: text) }
    for number in [events, qos0Received, lastQoS0Ms] { writer.append(number) }
    for time in [lastEventMs, lastReceivedMs] { writer.append(timeMs: time) }
  }

  init(_ reader: inout ShipBodyReader) throws(ShipBodyError) {
    cameraID = try reader.name()
    status = try reader.name()
    events = try reader.integer()
    qos0Received = try reader.integer()
    lastQoS0Ms = try reader.integer()
    lastEventMs = try reader.timeMs()
    lastReceivedMs = try reader.timeMs()
  }
}
