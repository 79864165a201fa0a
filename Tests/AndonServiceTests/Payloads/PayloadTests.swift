import TestSupport
import Testing

@testable import AndonCore
@testable import AndonHTTP
@testable import AndonIngest

/// Holds what the encoders write against what the interface documents say of it.
@Suite(.ownThread) struct PayloadTests {
  /// What the bridge only reads.
  private static let inputs: Set = ["event_in", "events_in", "cmd"]

  private func schema(_ name: String) throws -> JSONValue {
    try #require(InterfaceSchemas.all.first { $0.name == name }).schema
  }

  @Test func everySchemaOfWhatTheBridgeWritesHasSamples() throws {
    let names = try PayloadSamples.all().map(\.schema)
    #expect(Set(names).count == names.count)
    #expect(Set(names) == Set(InterfaceSchemas.all.map(\.name)).subtracting(Self.inputs))
  }

  /// Encoder and schema name the same fields in the same order, with the types and bounds that they have.
  @Test func payloadsAreWhatTheirSchemasSay() throws {
    for sample in try PayloadSamples.all() {
      let schema = try schema(sample.schema)
      var check = SchemaCheck()
      for bytes in sample.full { check.check(OrderedJSON.parse(bytes), schema, sample.schema) }
      #expect(check.faults == [])
      let unseen = sample.general(SchemaCheck.properties(schema, sample.schema))
        .subtracting(sample.general(check.seen))
      #expect(unseen == [], "only in the schema, or no sample has it")
    }
  }

  /// A field that the schema calls required is there although everything is missing that can be, and no other is.
  @Test func requiredFieldsAreThoseThatAreAlwaysWritten() throws {
    for sample in try PayloadSamples.all() {
      guard let bare = sample.bare else { continue }
      var check = SchemaCheck(isBare: true)
      check.check(OrderedJSON.parse(bare), try schema(sample.schema), sample.schema)
      #expect(check.faults == [])
    }
  }

  /// What the bridge only reads has a schema beside its decoder: both know the same names.
  @Test func inputsAreReadByTheNamesOfTheirSchemas() throws {
    let event = SchemaCheck.properties(try schema("event_in"), "")
    #expect(event == Set((0..<event.count).compactMap { EventField(rawValue: $0).map { ".\($0.name)" } }))
    #expect(EventField(rawValue: event.count) == nil)
    for path in SchemaCheck.properties(try schema("cmd"), "") {
      let name = path.dropFirst()
      let request = CommandRequest(
        group: "alert", name: "ack", payload: Array(#"{"\#(name)": []}"#.utf8), reply: nil)
      guard case .failure(let refusal) = request.body else {
        Issue.record("\(name) is not read")
        continue
      }
      #expect(refusal.detail.hasPrefix("\(name) must be"))
    }
  }
}
