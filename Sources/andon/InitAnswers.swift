import AndonCheck
import AndonConfiguration
import AndonCore
import AndonStore
import Foundation

/// What `andon init` knows of the plant; the texts are as they were given.
struct InitAnswers {
  var site = ""
  var name = ""
  var timeZone = TimeZone.current.identifier
  var broker = "mqtt://127.0.0.1:1883"
  var user = ""
  /// An absolute path, or empty.
  var passwordFile = ""
  /// An absolute path, or empty.
  var authority = ""
  /// A topic that a camera sends to; empty for Andon's own.
  var cameraTopic = ""
  /// `early=06:00-14:00,late=14:00-22:00`; empty for none.
  var shifts = ""
  /// `S3,S4`; empty for none.
  var workstations = ""
  /// Units an hour of the line; empty for none.
  var target = ""
  var listen = "127.0.0.1:8080"
  var dataFolder = ""
  var tokenFile = ""

  /// The parts of a topic of Andon's own form, `{root}/{site}/camera/{camera}/event`; nil for any other.
  static func ownTopic(_ topic: String) -> (root: String, site: String, camera: String)? {
    let levels = topic.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard levels.count >= 5, levels[levels.count - 3] == "camera", levels.last == "event" else { return nil }
    return (levels.dropLast(4).joined(separator: "/"), levels[levels.count - 4], levels[levels.count - 2])
  }

  /// What all topics begin with, by the camera's topic.
  var root: String { Self.ownTopic(cameraTopic)?.root ?? "andon/v1" }

  /// The camera that the topic names; nil when it names none, or with a wildcard.
  var camera: String? { Self.ownTopic(cameraTopic).flatMap { $0.camera.contains("+") ? nil : $0.camera } }

  /// The ready profiles that read the camera's topic.
  func profiles() throws -> [String] {
    guard !cameraTopic.isEmpty, Self.ownTopic(cameraTopic) == nil else { return [] }
    let rules = try PayloadSample.profiles().sites.flatMap(\.mappings)
    return rules.filter { TopicPattern.overlap($0.filter, cameraTopic) }.map(\.name)
  }

  /// `id=06:00-14:00` as its three parts; the last two are empty where they are missing.
  var shiftParts: [(id: String, start: String, end: String)] {
    shifts.split(separator: ",").map { shift in
      let halves = shift.split(separator: "=", maxSplits: 1).map(String.init)
      let times = (halves.count > 1 ? halves[1] : "").split(separator: "-", maxSplits: 1).map(String.init)
      return (
        halves.first?.trimmed ?? "", times.first?.trimmed ?? "", times.count > 1 ? times[1].trimmed : ""
      )
    }
  }

  var workstationIDs: [String] { workstations.split(separator: ",").map { String($0).trimmed } }

  // MARK: Mistakes

  /// The options, and the keys of the configuration that they are written to.
  private static let keys: [(option: String, key: String)] = [
    ("--site", "sites[0].id"), ("--name", "sites[0].name"), ("--timezone", "sites[0].timezone"),
    ("--shifts", "sites[0].shifts"), ("--workstations", "sites[0].areas"), ("--target", "sites[0].targets"),
    ("--camera-topic", "topics.root"), ("--user", "broker.username"), ("--ca-file", "broker.tls"),
    ("--broker", "broker"), ("--data-dir", "bridge.data_dir"),
    ("--listen", "http"),
  ]

  /// What is wrong, as `--timezone: must be …`; empty when `andon check` accepts what would be written.
  func problems() -> [String] {
    var problems: [String] = []
    if let own = Self.ownTopic(cameraTopic) {
      if own.site != site, !own.site.contains("+") {
        problems.append(
          "--camera-topic: the camera sends for the site \"\(own.site)\", and --site is \"\(site)\": make them the same"
        )
      }
    } else if !cameraTopic.isEmpty {
      problems += profileProblem()
    }
    if !target.isEmpty, workstationIDs.isEmpty {
      problems.append("--target: a target belongs to a line; give its --workstations, too")
    }
    do {
      _ = try SettingsLoader.parse(yaml: InitText(self).yaml, file: "", environment: [:])
    } catch let errors as SettingsErrors {
      problems += errors.errors.map { error in
        let option = Self.keys.first { error.path.hasPrefix($0.key) }?.option ?? error.path
        return "\(option): \(error.message)"
      }
    } catch {
      problems.append(ErrorWords.text(error))
    }
    return problems
  }

  private func profileProblem() -> [String] {
    do {
      guard try profiles().isEmpty else { return [] }
    } catch {
      return ["--camera-topic: \(ErrorWords.text(error))"]
    }
    return [
      "--camera-topic: no ready profile reads \"\(cameraTopic)\" (they are \(MappingProfile.names.joined(separator: ", "))). "
        + "Leave it out, then write a mapping: docs/mapping.md, andon check --sample"
    ]
  }
}

extension String {
  fileprivate var trimmed: String { trimmingCharacters(in: .whitespaces) }
}
