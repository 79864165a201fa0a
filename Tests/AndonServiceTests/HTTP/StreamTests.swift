import AndonCore
import Mosquitto
import TestSupport
import Testing

@testable import AndonHTTP
@testable import AndonIngest
@testable import AndonPublish
@testable import AndonStore

@Suite(.ownThread) struct StreamTests {
  private let hub = EventBroadcaster(startedAtMs: 1000, root: "andon/v1", clientLimit: 3)

  private func filter(
    site: String? = nil, _ kinds: Set<StreamMessage.Kind> = Set(StreamMessage.Kind.allCases),
    scopes: Set<String> = ["site"]
  ) -> StreamFilter {
    StreamFilter(siteID: site, kinds: kinds, scopes: scopes, windows: [])
  }

  private func publish(_ topic: String, _ text: String = "{}") {
    hub.offer(Publication(topic: "andon/v1/" + topic, payload: Array(text.utf8)))
  }

  /// Returns what the client has received, without waiting. Ends the client's stream.
  private func drain(_ client: StreamClient) async -> String {
    client.finish()
    var bytes: [UInt8] = []
    for await chunk in client.chunks { bytes += chunk }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test func kindsSitesAndScopesAreFiltered() async throws {
    let all = try #require(hub.subscribe(filter(), lastEventID: nil))
    let some = try #require(
      hub.subscribe(filter(site: "plant-b", [.kpi, .alert], scopes: ["worker"]), lastEventID: nil))
    publish("plant-a/kpi/site/plant-a/hour", "{\"n\":1}")
    publish("plant-b/kpi/worker/W1/hour", "{\"n\":2}")
    publish("plant-b/alert/drift/cam-01", "{\"n\":3}")
    publish("plant-b/meta/kpi")
    publish("_bridge/b/status")
    hub.offer(Publication(topic: "other/plant-b/alert/drift/x", payload: [1]))
    hub.flush(isBeat: false)
    let (everything, part) = (await drain(all), await drain(some))
    #expect(everything.contains("event: kpi\ndata: {\"n\":1}\n\n") && everything.contains("{\"n\":3}"))
    #expect(!everything.contains("{\"n\":2}"))
    #expect(
      !part.contains("{\"n\":1}") && part.contains("{\"n\":2}")
        && part.contains("event: alert\ndata: {\"n\":3}"))
    #expect(everything.ranges(of: "event: ").count == 2)
  }

  @Test func whatWasMissedIsSentAgainAndNothingTwice() async throws {
    let first = try #require(hub.subscribe(filter(), lastEventID: nil))
    publish("a/alert/drift/x", "{\"n\":1}")
    hub.flush(isBeat: false)
    let seen = await drain(first)
    let id = try #require(seen.split(separator: "\n").first { $0.hasPrefix("id: ") }).dropFirst(4)
    hub.unsubscribe(first)
    publish("a/alert/drift/x", "{\"n\":2}")
    hub.flush(isBeat: false)
    publish("a/alert/drift/x", "{\"n\":3}")
    let again = try #require(hub.subscribe(filter(), lastEventID: String(id)))
    hub.flush(isBeat: false)
    let text = await drain(again)
    #expect(!text.contains("{\"n\":1}") && !text.contains("event: gap"))
    #expect(text.ranges(of: "{\"n\":2}").count == 1 && text.ranges(of: "{\"n\":3}").count == 1)
  }

  @Test(arguments: ["other-1", "rs-1", "nonsense", "-"]) func anIdOfAnotherRunIsAGap(_ id: String)
    async throws
  {
    for number in 0..<(3 * EventBroadcaster.keptLimit) { publish("a/alert/drift/x", "{\"n\":\(number)}") }
    hub.flush(isBeat: false)
    let client = try #require(hub.subscribe(filter(), lastEventID: id))
    #expect(await drain(client).contains("event: gap"))
  }

  @Test func aClientThatDoesNotReadIsCutAndSoIsOneTooMany() async throws {
    let slow = try #require(hub.subscribe(filter(), lastEventID: nil))
    for number in 0...StreamClient.queueLimit {
      publish("a/alert/drift/x", "{\"n\":\(number)}")
      hub.flush(isBeat: false)
    }
    #expect(slow.isTooSlow && hub.slowClients == 1 && hub.clientCount == 0)
    for _ in 0..<3 { #expect(hub.subscribe(filter(), lastEventID: nil) != nil) }
    #expect(hub.subscribe(filter(), lastEventID: nil) == nil)
    hub.close()
    #expect(hub.clientCount == 0 && hub.subscribe(filter(), lastEventID: nil) == nil)
  }

  @Test func eventsAreASampleOfSoManyASecond() async throws {
    let client = try #require(hub.subscribe(filter(), lastEventID: nil))
    let event = Event(
      timestampMs: 5, workerID: "W1", workstationID: "S1", kind: .working, confidencePpm: 900_000)
    let sample = EventSample(cameraID: "cam-01", event: event, outcome: ItemOutcome(.stored))
    hub.offer([EventSample](repeating: sample, count: 16), site: "a", nowMs: 9)
    hub.offer([EventSample](repeating: sample, count: 16), site: "a", nowMs: 9)
    hub.offer([EventSample](repeating: sample, count: 16), site: "b", nowMs: 9)
    hub.flush(isBeat: true)
    let text = await drain(client)
    #expect(text.ranges(of: "event: event").count == EventBroadcaster.eventsPerSecond + 16)
    #expect(
      text.contains(#""worker_id":"W1","workstation_id":"S1","event_type":"working","confidence":0.900000"#))
  }

  /// Regression test: a bare closure in a mutex grows with every access, until the stack overflows.
  @Test func aListenerHearsAMillionPublications() throws {
    let publishQueue = PublishQueue(wakeup: try Wakeup())
    let hub = hub
    publishQueue.listen { hub.offer($0) }
    for number in 0..<300_000 {
      publishQueue.set(Publication(topic: "andon/v1/a/x/\(number % 3)", payload: [1], retain: true))
    }
    #expect(publishQueue.depth == 3)
  }
}
