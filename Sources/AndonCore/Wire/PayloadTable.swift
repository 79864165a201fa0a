/// All fields of one payload, in the order in which they are written. The encoder, the schema in the interface
/// documents and the help in them come from this one table.
///
/// A table is static: encoding a payload makes no closure and looks up no name. Cost: O(fields).
package struct PayloadTable<Source>: Sendable {
  /// A sentence about the payload.
  package let help: String
  package let fields: [PayloadField<Source>]

  /// - Parameter groups: one after another; groups, because several payloads share some of them.
  package init(_ help: String, _ groups: [PayloadField<Source>]...) {
    self.help = help
    fields = Array(groups.joined())
  }

  /// The object of one payload. `capacity` is its usual length, bytes.
  package func json(_ source: Source, capacity: Int = 512) -> [UInt8] {
    var writer = JSONWriter(capacity: capacity)
    write(source, to: &writer)
    return writer.end()
  }

  /// Writes the fields into an object that is open.
  package func write(_ source: Source, to writer: inout JSONWriter) {
    for field in fields { field.write(source, &writer) }
  }

  package var shape: PayloadShape {
    .object(help, fields.map { .init(name: $0.name, shape: $0.shape, isRequired: $0.isRequired) })
  }
}
