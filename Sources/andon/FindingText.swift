import AndonCheck
import AndonConfiguration
import AndonCore

/// Findings of a check as a person and a program read them. Advice that names a key says where it stands.
struct FindingText {
  let places: SettingPlaces

  /// `ERROR    broker   … → …`
  func line(_ finding: Finding) -> String {
    let level =
      switch finding.level {
      case .ok: "ok     "
      case .warning: "WARNING"
      case .error: "ERROR  "
      }
    let subject = finding.subject + String(repeating: " ", count: max(1, 9 - finding.subject.count))
    let site = finding.site.isEmpty ? "" : finding.site + ": "
    let advice = finding.advice.isEmpty ? "" : " → \(places.located(finding.advice))"
    return "\(level)  \(subject)\(site)\(finding.text)\(advice)"
  }

  func json(_ findings: [Finding]) -> [UInt8] { JSONWriter.array(findings.map(object)) }

  private func object(_ finding: Finding) -> [UInt8] {
    var writer = JSONWriter()
    writer.field("level", finding.level.rawValue)
    writer.field("subject", finding.subject)
    if !finding.site.isEmpty { writer.field("site_id", finding.site) }
    writer.field("text", finding.text)
    writer.field("advice", places.located(finding.advice))
    return writer.end()
  }
}
