import Foundation

/// The queries of `deploy/grafana/fleet.json`, as Grafana would send them.
struct FleetBoard: Decodable {
  struct Panel: Decodable {
    struct Target: Decodable {
      let rawSql: String
    }
    let id: Int
    let title: String
    let targets: [Target]
  }

  struct Templating: Decodable {
    struct Variable: Decodable {
      let name: String
      let definition: String?
      let allValue: String?
    }
    let list: [Variable]
  }

  let panels: [Panel]
  let templating: Templating

  static func read() throws -> FleetBoard {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "../../deploy/grafana/fleet.json")
    return try JSONDecoder().decode(FleetBoard.self, from: Data(contentsOf: file))
  }

  var site: Templating.Variable? { templating.list.first { $0.name == "site" } }

  /// The SQL of a panel with the time range and the sites in place of Grafana's variables.
  ///
  /// - Parameter sites: nil: "All".
  func sql(_ panel: Panel, fromMs: Int64, toMs: Int64, sites: [String]? = nil) -> String {
    let chosen = sites.map { $0.map { "'\($0)'" }.joined(separator: ",") } ?? site?.allValue ?? ""
    return panel.targets.map(\.rawSql).joined(separator: ";\n")
      .replacing("$__from", with: "\(fromMs)").replacing("$__to", with: "\(toMs)")
      .replacing("$site", with: chosen)
  }
}
