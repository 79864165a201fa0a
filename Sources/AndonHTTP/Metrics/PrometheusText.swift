/// The text format of Prometheus, line by line.
package struct PrometheusText: Sendable {
  package private(set) var text = ""

  package init() {}

  package mutating func family(_ name: String, type: String, help: String) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
  }

  /// `labels` in the form of `labels(_:)`.
  package mutating func sample(_ name: String, _ labels: String, _ value: Double) {
    // Whole numbers without exponent or point: easier to read, and exact up to 2^53.
    let isWhole = value == value.rounded() && abs(value) < 9e15
    text += "\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(isWhole ? "\(Int64(value))" : "\(value)")\n"
  }

  /// A metric family of one type with its samples.
  package mutating func gauge(
    _ name: String, _ help: String, type: String = "gauge", _ samples: [([(String, String)], Double)]
  ) {
    guard !samples.isEmpty else { return }
    family(name, type: type, help: help)
    for (labels, value) in samples { sample(name, Self.labels(labels), value) }
  }

  package static func name(_ label: String) -> String {
    var name = String(
      label.unicodeScalars.map { scalar in
        let isFine =
          scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
        return isFine || scalar == "_" || scalar == ":" ? Character(scalar) : "_"
      })
    if name.first?.isNumber ?? true { name = "_" + name }
    return name
  }

  /// `site="plant-a",outcome="stored"`, escaped.
  package static func labels(_ dimensions: [(String, String)]) -> String {
    dimensions.map { key, value in
      let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing(
        "\n", with: "\\n")
      return "\(name(key))=\"\(escaped)\""
    }.joined(separator: ",")
  }
}
