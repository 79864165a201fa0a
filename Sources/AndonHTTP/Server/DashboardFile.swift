import Foundation

/// A file of the dashboard, embedded in the binary by the build (`EmbedFiles`).
struct DashboardFile: Sendable {
  var path: String
  var contentType: String
  var text: String

  static let all: [String: DashboardFile] = Dictionary(
    uniqueKeysWithValues: DashboardFiles.all.map { ($0.path, $0) })

  /// `/` is the page itself.
  static func named(_ path: String, isOverview: Bool = false) -> DashboardFile? {
    all[path == "/" ? (isOverview ? "/overview.html" : "/index.html") : path]
  }

  var reply: APIReply {
    APIReply(contentType: contentType, body: .bytes(Array(text.utf8)))
  }
}
