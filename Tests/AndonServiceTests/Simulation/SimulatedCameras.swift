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
  /// Events that were also published for another camera, without their number.
  private(set) var repeatedElsewhere: Set<String> = []
  /// The events of the messages that have a number.
  private(set) var numbered: [Int: String] = [:]
  private var nextNumbers: [String: Int64] = [:]
  /// Each without its last brace.
  private var payloads: [(text: String, count: String, eventID: String)] = []
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
      // A camera's number says nothing about another camera's count.
      let isItsOwn = numbers[old.eventID]?.camera == camera
      let serial = send(topic, Array("\(old.text)\(isItsOwn ? old.count : "")}".utf8))
      if isItsOwn { numbered[serial] = old.eventID } else { repeatedElsewhere.insert(old.eventID) }
      record(serial, old.eventID, "again")
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
    let (text, count) = (String(event(id: "e\(made)").dropLast()), #","seq":\#(number),"boot_id":"b1""#)
    payloads.append((text, count, "e\(made)"))
    let serial = send("andon/v1/\(siteID)/camera/\(camera)/event", Array("\(text)\(count)}".utf8))
    numbered[serial] = "e\(made)"
    record(serial, "e\(made)", "")
  }

  /// An event of the current time or some time ago.
  func event(id: String) -> String {
    let late = chance.below(4) == 0 ? Int64(chance.below(60_000)) : 0
    return TestSite.event(
      clock.wallMs - late, ["working", "idle", "absent"][chance.below(3)], worker: "W\(chance.below(4))",
      confidence: "0.\(50 + chance.below(50))", more: #","event_id":"\#(id)""#)
  }

  private func send(_ topic: String, _ payload: [UInt8]) -> Int {
    broker.publish(topic, payload, site: client, atMs: clock.wallMs)
  }

  private func record(_ serial: Int, _ eventID: String, _ how: String) {
    eventIDs[serial] = eventID
    trace("\(siteID) publishes \(serial) \(eventID) \(how)")
  }
}
