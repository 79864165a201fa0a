import AndonConfiguration
import AndonCore

/// What is read from an event, and what of it is stored.
struct FieldStatements {
  private let site: SiteSettings

  init(_ site: SiteSettings) { self.site = site }

  var all: [PrivacyStatement] { known + [others] + mapped }

  private var known: [PrivacyStatement] {
    EventField.allCases.map { field in
      PrivacyStatement(
        .field, "\(field.name)", words(field), width: field == .workerID || field == .eventID ? idWidth : 1)
    }
  }

  /// 2 where ids are stored as they come.
  private var idWidth: Int64 { site.privacy.replacesIDs ? 1 : 2 }

  private func words(_ field: EventField) -> String {
    let replaces = site.privacy.replacesIDs
    return switch field {
    case .timestamp: "when it was seen; stored"
    case .eventType: "working, idle, absent or product_count; stored"
    case .workerID: replaces ? "who; a pseudonym is stored, never the id" : "who; stored"
    case .workstationID: "where; stored"
    case .confidence: "how sure the camera's model was; stored"
    case .count: "pieces made; stored"
    case .modelVersion: "the version of the camera's model; stored"
    case .eventID:
      replaces
        ? "the event's id, to know repeats; stored, and replaced by a hash when it contains the worker's id"
        : "the event's id, to know repeats; stored"
    case .siteID: "the site; compared with the topic, not stored with the event"
    case .cameraID: "the camera; compared with the topic, stored"
    case .sequence: "the camera's running number, to know what is missing; not stored with the event"
    case .bootID: "the start of the camera's count of numbers; not stored with the event"
    }
  }

  private var others: PrivacyStatement {
    site.privacy.replacesIDs
      ? PrivacyStatement(
        .field, "all other fields",
        "ignored and stored nowhere; a rejected event is kept with its known fields, without the id; what cannot be read "
          + "is kept as its length and a keyed hash")
      : PrivacyStatement(
        .field, "all other fields",
        "ignored and not stored, but a rejected event is kept as it came, with everything that the camera sent",
        width: 2)
  }

  /// What other formats are read for: a source may be a name or a badge.
  private var mapped: [PrivacyStatement] {
    site.mappings.flatMap { rule in
      MappingField.allCases.compactMap { field in
        rule.fields[field].map { sources in
          PrivacyStatement(
            .field, "mapping \(rule.name): \(field.rawValue)",
            "from \(sources.map(\.description).joined(separator: ", else ")) in \(rule.filter)",
            width: field == .workerID ? idWidth : 1)
        }
      }
    }
  }
}
