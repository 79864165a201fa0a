import Foundation
import Testing

@testable import AndonCore

@Suite struct SiteNamesTests {
  private static let layout = SiteLayout(areas: [
    .init(
      id: "hall-1", name: "Hall 1",
      lines: [.init(id: "line-1", name: "Line 1", workstations: ["S2", "S1"], cameras: ["cam-01"])])
  ])
  private static let names = SiteNames(
    siteID: "plant-a", site: "Plant A", timeZone: "Europe/Berlin", layout: layout,
    workstations: ["S1": "Press 1", "S2": "S2", "S9": "Packing"],
    cameras: [
      "cam-01": CameraDescription(name: "Press left", place: "Column 7", workstations: ["S1", "S9"]),
      "cam-02": CameraDescription(name: "Packing", workstations: ["S1"], url: "https://cam-02/"),
    ], shifts: [ShiftName(id: "early", name: "Early")], publicURL: "https://andon.example")

  private func record(_ scope: KPIScope, _ id: String, workstation: String? = nil) -> PlaceNames? {
    KPIRecord(
      siteID: "plant-a", scope: scope, id: id, window: Window(fromMs: 0, toMs: 1), nowMs: 0, values: [],
      workstationID: workstation, quality: .noData
    ).named(by: Self.names).place
  }

  @Test func recordsSayWhatTheyAreAboutAndWhereThatBelongs() {
    #expect(record(.site, "plant-a")?.name == "Plant A")
    #expect(record(.area, "hall-1")?.name == "Hall 1")
    let line = record(.line, "line-1")
    #expect(line?.name == "Line 1" && line?.lineID == nil && line?.areaID == "hall-1")
    let station = record(.workstation, "S1")
    #expect(station?.name == "Press 1" && station?.lineID == "line-1" && station?.areaID == "hall-1")
    // An id is no name.
    #expect(record(.workstation, "S2")?.name == nil && record(.workstation, "S2")?.lineID == "line-1")
    #expect(record(.workstation, "S7") == PlaceNames())
    #expect(record(.line, "line-7") == PlaceNames())
  }

  @Test func aWorkersRecordNamesThePlaceAndNeverThePerson() {
    let worker = record(.worker, "W1", workstation: "S1")
    #expect(worker?.name == nil && worker?.workstationName == "Press 1" && worker?.lineID == "line-1")
    #expect(record(.worker, "W1") == PlaceNames())
  }

  private func alarm(_ rule: AlarmRule, _ source: String) -> PlaceNames? {
    let measure = AlarmMeasure(metric: "m", value: 1, limit: 2, clearLimit: nil, digits: 0)
    let machine = AlarmStateMachine(key: AlarmKey(rule: rule, sourceID: source), measure: measure)
    return AlarmRecord(siteID: "plant-a", machine: machine, nowMs: 0).named(by: Self.names).place
  }

  @Test func alarmsSayWhereTheirSourceIs() {
    let camera = alarm(.cameraOffline, "cam-01")
    #expect(camera?.name == "Press left" && camera?.place == "Column 7")
    #expect(camera?.workstationName == "Press 1, Packing" && camera?.lineID == "line-1")
    #expect(camera?.link == "https://andon.example/#/plant-a/alerts?find=plant-a/camera_offline/cam-01")
    // In no line itself: the line of a workstation that it sees.
    #expect(alarm(.confidenceLow, "cam-02")?.lineID == "line-1")
    #expect(alarm(.confidenceLow, "cam-02")?.link?.hasSuffix("?find=plant-a/drift/cam-02") == true)
    #expect(alarm(.productivity, "S9")?.name == "Packing" && alarm(.productivity, "S9")?.lineID == nil)
    #expect(alarm(.groupOffline, "plant-a")?.name == "Plant A")
    #expect(
      alarm(.groupSilent, "line-1")?.name == "Line 1" && alarm(.groupSilent, "line-1")?.areaID == "hall-1")
    #expect(alarm(.groupSilent, "switch-3")?.name == nil)
    // A model version that has the id of a camera is no camera.
    #expect(alarm(.siteModel, "cam-01")?.place == nil)
  }

  /// Every rule says what to do, with a stable id and one sentence.
  @Test func everyRuleHasAnAction() {
    for rule in AlarmRule.allCases {
      let action = AlarmAction(rule)
      #expect(action.text.hasSuffix(".") && action.text.utf8.count < 120)
      #expect(Identifier.isValid(action.rawValue) && action.rawValue.lowercased() == action.rawValue)
    }
    #expect(Set(AlarmRule.allCases.map { AlarmAction($0) }) == Set(AlarmAction.allCases))
  }

  private func object(_ json: [UInt8]) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(json)) as? [String: Any])
  }

  private func ids(_ object: [String: Any], _ list: String) -> [String] {
    (object[list] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }
  }

  @Test func theObjectHasAllOfIt() throws {
    let object = try object(Self.names.json(nowMs: 5))
    #expect(object["timestamp_ms"] as? Int == 5 && object["name"] as? String == "Plant A")
    // By line in the order of the process, then the others.
    #expect(ids(object, "stations") == ["S2", "S1", "S9"])
    #expect(ids(object, "cameras") == ["cam-01", "cam-02"] && ids(object, "lines") == ["line-1"])
    #expect(ids(object, "areas") == ["hall-1"] && ids(object, "shifts") == ["early"])
    #expect(object["truncated"] == nil)
  }

  @Test func theSameNamesAtAnotherTimeAreTheSame() {
    var other = Self.names
    other.workstations["S1"] = "Press 2"
    let json = Self.names.json(nowMs: 1, mostBytes: SiteNames.mostBytes)
    #expect(Self.names.isSame(as: json) && !other.isSame(as: json))
    #expect(!Self.names.isSame(as: Array("{}".utf8)) && !Self.names.isSame(as: []))
  }

  /// A site of any size fits, and what is left is a whole JSON object.
  @Test(arguments: [0, 1, 10, 1000]) func whatIsTooLongIsCutAndSaysSo(count: Int) throws {
    let text = String(repeating: "\u{1F3ED}", count: 100)
    var names = Self.names
    for number in 0..<count {
      names.cameras["c\(number)"] = CameraDescription(
        name: text, place: text, url: "https://\(String(repeating: "x", count: 500))", contact: text)
      names.workstations["s\(number)"] = text
    }
    let whole = names.json(nowMs: 1)
    for limit in [1000, 20_000, SiteNames.mostBytes] {
      let json = names.json(nowMs: 1, mostBytes: limit)
      let object = try object(json)
      #expect(json.count <= limit)
      #expect((object["truncated"] as? Bool == true) == (whole.count > limit))
      if whole.count > limit { #expect(!String(decoding: json, as: UTF8.self).contains("contact")) }
    }
    #expect(try ids(object(whole), "cameras").count == count + 2)
  }

  /// A name is data: it cannot end its text or begin another member.
  @Test(arguments: ["\"},{\"x\":\"", "</script><b>", "=1+1", "a\\", "Größe Ω 工厂", "'; DROP TABLE event;--"])
  func namesAreQuoted(text: String) throws {
    var names = Self.names
    (names.site, names.workstations["S1"]) = (text, text)
    names.cameras["cam-01"] = CameraDescription(name: text, place: text, contact: text)
    let object = try object(names.json(nowMs: 1))
    let camera = (object["cameras"] as? [[String: Any]])?.first
    #expect(object["name"] as? String == text && camera?["place"] as? String == text)
    let record = KPIRecord(
      siteID: "plant-a", scope: .workstation, id: "S1", window: Window(fromMs: 0, toMs: 1), nowMs: 0,
      values: [], quality: .noData
    ).named(by: names)
    #expect(try self.object(record.json(revision: 1))["name"] as? String == text)
  }
}
