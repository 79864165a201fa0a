import AndonCore
import Testing

@Suite struct TopicPatternTests {
  private func match(_ pattern: String, _ topic: String) throws -> [String]? {
    try TopicPattern(pattern).match(topic)
  }

  @Test(arguments: [
    ("frigate/{camera}/classification/{model}", "frigate/+/classification/+", ["camera", "model"]),
    ("frigate/events", "frigate/events", []), ("{a}/+/#", "+/+/#", ["a"]), ("a/{b}", "a/+", ["b"]),
    ("/x/", "/x/", []), ("{c}/&1/x", "+/&1/x", ["c"]),
  ])
  func filters(_ pattern: String, _ filter: String, _ captures: [String]) throws {
    let pattern = try TopicPattern(pattern)
    #expect(pattern.filter == filter && pattern.captures == captures)
  }

  @Test func capturesWholeLevels() throws {
    let pattern = "frigate/{camera}/classification/{model}"
    #expect(try match(pattern, "frigate/cam-1/classification/state") == ["cam-1", "state"])
    #expect(try match(pattern, "frigate//classification/") == ["", ""])
    #expect(try match(pattern, "frigate/cam-1/classification") == nil)
    #expect(try match(pattern, "frigate/cam-1/classification/state/x") == nil)
    #expect(try match(pattern, "Frigate/cam-1/classification/state") == nil)
    // A composed and a decomposed letter are two topics to a broker.
    #expect(try match("caf\u{E9}/{x}", "cafe\u{301}/1") == nil)
  }

  @Test func wildcardsAreThoseOfMQTT() throws {
    #expect(try match("{camera}/onvif-ej/#", "cam/onvif-ej/A/B") == ["cam"])
    #expect(try match("{camera}/onvif-ej/#", "cam/onvif-ej") == ["cam"])
    #expect(try match("{camera}/onvif-ej/#", "cam/onvif") == nil)
    #expect(try match("+/x", "a/x") == [] && match("+/x", "a/b/x") == nil)
    #expect(try match("#", "$SYS/broker") == nil && match("{a}/broker", "$SYS/broker") == nil)
    #expect(try match("#", "a") == [])
  }

  @Test(arguments: [
    ("", TopicPattern.Failure.empty), ("a/#/b", .hashNotLast), ("a/b#", .partOfLevel("b#")),
    ("a+/b", .partOfLevel("a+")), ("cam-{n}/x", .partOfLevel("cam-{n}")), ("{a}{b}/x", .badName("a}{b")),
    ("{}/x", .badName("")), ("{Camera}/x", .badName("Camera")), ("{a}/{a}", .twice("a")),
    ("{a/b", .partOfLevel("{a")),
    ("$SYS/#", .dollar), ("$share/g/x", .dollar), ("a\u{0}b", .control), ("a\nb", .control),
    (String(repeating: "a", count: 1025), .tooLong),
  ])
  func mistakes(_ text: String, _ failure: TopicPattern.Failure) {
    #expect(throws: failure) { try TopicPattern(text) }
  }

  @Test(arguments: [
    ("a/+", "a/b", true), ("a/#", "a", true), ("#", "x/y", true), ("a/+/c", "a/b/+", true),
    ("a/b", "a/b", true),
    ("a/b", "a/c", false), ("a/+", "a/b/c", false), ("a/+/c", "a/+/d", false), ("+/x", "y/#", true),
    ("a", "a/b", false), ("a/#", "b/#", false), ("frigate/+", "frigate/events", true),
    ("andon/v1/#", "+/v1/x", true), ("andon/v1/#", "andon/v2/#", false),
  ])
  func overlaps(_ one: String, _ other: String, _ expected: Bool) {
    #expect(TopicPattern.overlap(one, other) == expected && TopicPattern.overlap(other, one) == expected)
  }
}
