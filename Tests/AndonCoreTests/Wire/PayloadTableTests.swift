import Testing

@testable import AndonCore

@Suite struct PayloadTableTests {
  private struct Source: Sendable {
    var name: String?
    var numbers: [Int] = []
    var parts: [(name: String, value: Part)] = []
  }

  private struct Part: Sendable {
    var atMs: Int64?
    var isOn = false
  }

  private static let part = PayloadTable<Part>(
    "A part.",
    [
      .required("at_ms", .integerOrNull("When")) { $0.atMs },
      .required("is_on", .flag("Whether")) { $0.isOn },
    ])

  private static let table = PayloadTable<Source>(
    "All kinds.",
    [
      .optional("name", .text("Its name")) { $0.name },
      .required("numbers", .array(of: .count("Numbers"))) { $0.numbers },
    ],
    [
      .required("parts", .map("By name", of: .object(part))) { $0.parts },
      .required("first", .orNull("The first one", .object(part))) { $0.parts.first?.value },
      .required("share", .fraction("A share")) { $0.numbers.count },
    ], part.fields.ifPresent { $0.parts.last?.value })

  private func text(_ source: Source) -> String {
    String(decoding: Self.table.json(source), as: UTF8.self)
  }

  @Test func absentFieldsLeaveNoTrace() {
    #expect(text(Source()) == #"{"numbers":[],"parts":{},"first":null,"share":0.000000}"#)
  }

  @Test func objectsArraysAndMapsNest() {
    let source = Source(
      name: "a\"b", numbers: [1, 2],
      parts: [(name: "x", value: Part(atMs: 5, isOn: true)), (name: "y", value: Part())])
    #expect(
      text(source)
        == #"{"name":"a\"b","numbers":[1,2],"parts":{"x":{"at_ms":5,"is_on":true},"y":{"at_ms":null,"is_on":false}},"#
        + #""first":{"at_ms":5,"is_on":true},"share":0.000002,"at_ms":null,"is_on":false}"#)
  }

  /// A field of a part that may be missing is required in the part and optional in the whole.
  @Test func fieldsOfAPartThatMayBeMissingAreOptional() {
    #expect(Self.part.fields.map(\.isRequired) == [true, true])
    #expect(
      Self.table.fields.filter { !$0.isRequired }.map(\.name) == ["name", "at_ms", "is_on"])
    #expect(Self.part.fields.of { (whole: (Part, Int)) in whole.0 }.map(\.isRequired) == [true, true])
  }
}
