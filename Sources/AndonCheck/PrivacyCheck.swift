package import AndonConfiguration
import Foundation

/// Checks what the configuration says of workers: key files that exist are private and sound, and names fit the mode.
package struct PrivacyCheck {
  private let settings: Settings

  package init(_ settings: Settings) { self.settings = settings }

  package func run() -> [Finding] {
    var findings: [Finding] = []
    var files: Set<String> = []
    for site in settings.sites where site.privacy.replacesIDs {
      files.insert(site.privacy.keyPath(dataDirectory: settings.bridge.dataDirectory))
      guard !site.workers.isEmpty else { continue }
      findings.append(
        Finding(
          .warning, "privacy", site: site.id,
          "workers: has names, but privacy.workers is \(site.privacy.workers.rawValue): no id matches",
          advice: "take the names out"))
    }
    for file in files.sorted() {
      guard let attributes = try? FileManager.default.attributesOfItem(atPath: file) else {
        findings.append(
          Finding(.ok, "privacy", "\(file): the keys of pseudonyms are made with the first event"))
        continue
      }
      if ((attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0) & 0o077 != 0 {
        findings.append(
          Finding(
            .error, "privacy",
            "\(file): others can read the keys of pseudonyms; the bridge stores nothing then",
            advice: "chmod 600 \(file), and see who has read it"))
      } else {
        findings.append(Finding(.ok, "privacy", "\(file): the keys of pseudonyms are private"))
      }
    }
    return findings
  }
}
