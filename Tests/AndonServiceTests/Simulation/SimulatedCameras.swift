import AndonCore

/// The cameras of a simulated site: what they publish, and the expected outcome.
final class SimulatedCameras {
  private let siteID: String
  private let client: String
  private let broker: BrokerModel
  private let chance: Chance
  private let clock: VirtualClock
  private let trace: (String) -> Void

  /// Event ids by the serial of their message. A message without an event id must end in the quarantine.
  private(set) var eventIDs: [Int: String] = [:]
  /// The invalid payloads by serial.
  private(set) var nonsense: [Int: String] = [:]
  /// Messages of a mapping, which count only while the site has the mapping.
  private(set) var mapped: Set<Int> = []
  /// The camera and number of each event that has one, by event id.
  private(set) var numbers: [String: (camera: String, number: Int64)] = [:]
  private var nextNumbers: [String: Int64] = [:]
  private var payloads: [(bytes: [UInt8], eventID: String)] = []
  private var made = 0

  init(
    _ siteID: String, _ client: String, _ broker: BrokerModel, _ chance: Chance, _ clock: VirtualClock,
    trace: @escaping (String) -> Void
  ) {
    self.siteID = siteID
    self.client = client
    self.broker = broker
    self.chance = chance
    self.clock = clock
    self.trace = trace
  }

  /// Publishes a new event, an old one again, an invalid payload, or a message of another make.
  func publish(isMapped: Bool) {
    let camera = "cam-\(chance.below(3))"
    let topic = "andon/v1/\(siteID)/camera/\(camera)/event"
    switch chance.below(10) {
    case 0 where !payloads.isEmpty:
      let old = payloads[chance.below(payloads.count)]
      record(send(topic, old.bytes), old.eventID, "again")
    case 1:
      let text = "{\"nonsense\":\(broker.serial + 1)"
      let serial = send(topic, Array(text.utf8))
      nonsense[serial] = text
      trace("\(siteID) publishes \(serial) nonsense")
    case 2,
      3 where isMapped:
      made += 1
      let state = ["working", "idle"][chance.below(2)]
      let text =
        #"{"badge":"W\#(chance.below(4))","state":"\#(state)","score":0.\#(50 + chance.below(50)),"#
        + #""at":\#(clock.wallMs),"id":"m\#(made)"}"#
      let serial = send(SimulatedSettings.mappedTopic(siteID, camera), Array(text.utf8))
      mapped.insert(serial)
      record(serial, "m\(made)", "mapped")
    default:
      publishEvent(camera)
    }
  }

  /// Publishes one event of every camera.
  func speak() {
    for camera in 0..<3 { publishEvent("cam-\(camera)") }
  }

  private func publishEvent(_ camera: String) {
    made += 1
    let number = nextNumbers[camera, default: 0]
    nextNumbers[camera] = number + 1
    numbers["e\(made)"] = (camera, number)
    let payload = Array(event(id: "e\(made)", more: #","seq":\#(number),"boot_id":"b1""#).utf8)
    payloads.append((payload, "e\(made)"))
    record(send("andon/v1/\(siteID)/camera/\(camera)/event", payload), "e\(made)", "")
  }

  /// An event of the current time or some time ago.
  func event(id: String, more: String = "") -> String {
    let late = chance.below(4) == 0 ? Int64(chance.below(60_000)) : 0
    return TestSite.event(
      clock.wallMs - late, ["working", "idle", "absent"][chance.below(3)], worker: "W\(chance.below(4))",
      confidence: "0.\(50 + chance.below(50))", more: #","event_id":"\#(id)"\#(more)"#)
  }

  private func send(_ topic: String, _ payload: [UInt8]) -> Int {
    broker.publish(topic, payload, site: client, atMs: clock.wallMs)
  }

  private func record(_ serial: Int, _ eventID: String, _ how: String) {
    eventIDs[serial] = eventID
    trace("\(siteID) publishes \(serial) \(eventID) \(how)")
  }
}
