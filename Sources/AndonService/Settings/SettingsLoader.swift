import Foundation
import Yams

/// Reads the configuration: a YAML file, with the environment laid over it. Collects every mistake before it
/// gives up, so that a person mends them in one go.
package enum SettingsLoader {
  /// - Throws: `SettingsErrors`.
  package static func load(file: String, environment: [String: String]) throws -> Settings {
    guard let data = FileManager.default.contents(atPath: file) else {
      throw SettingsErrors(errors: [
        SettingsError(file: file, line: nil, path: "", message: "this file cannot be read")
      ])
    }
    return try parse(yaml: String(decoding: data, as: UTF8.self), file: file, environment: environment)
  }

  package static func parse(yaml: String, file: String, environment: [String: String]) throws -> Settings {
    let root: Node?
    do {
      root = try compose(yaml: yaml)
    } catch {
      let text = "\(error)".split(separator: "\n").first.map(String.init) ?? "\(error)"
      throw SettingsErrors(errors: [
        SettingsError(file: file, line: nil, path: "", message: "this is not YAML: \(text)")
      ])
    }
    guard let root, root.mapping != nil else {
      throw SettingsErrors(errors: [
        SettingsError(file: file, line: nil, path: "", message: "must have sections, at least sites:")
      ])
    }
    var reader = SettingsReader(file: file, environment: environment)
    let settings = reader.read(root)
    guard reader.errors.isEmpty, let settings else { throw SettingsErrors(errors: reader.errors) }
    return settings
  }
}
