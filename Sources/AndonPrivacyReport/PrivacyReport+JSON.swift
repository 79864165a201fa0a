import AndonCore
import AndonRuntime

extension PrivacyReport {
  /// One object: purposes, and for each site its statements and notices.
  package func json() -> [UInt8] {
    var writer = JSONWriter()
    writer.field("andon_version", AndonVersion.text)
    writer.field("bridge_id", bridgeID)
    writer.field("intended_purpose", json: JSONWriter.texts(PrivacyPurpose.intended))
    writer.field("not_intended", json: JSONWriter.texts(PrivacyPurpose.notIntended))
    writer.field("sites", json: JSONWriter.array(sites.map { $0.json() }))
    return writer.end()
  }
}

extension SitePrivacyReport {
  fileprivate func json() -> [UInt8] {
    var writer = JSONWriter()
    writer.field("site_id", siteID)
    let statements = statements.map { statement in
      var writer = JSONWriter()
      writer.field("part", statement.part.rawValue)
      writer.field("subject", statement.subject)
      writer.field("words", statement.words)
      writer.field("width", statement.width)
      return writer.end()
    }
    writer.field("statements", json: JSONWriter.array(statements))
    var notices = JSONWriter()
    for language in WorkerNotice.Language.allCases { notices.field(language.rawValue, notice.text(language)) }
    writer.field("notice", json: notices.end())
    return writer.end()
  }
}

extension PrivacyDifference {
  package func json() -> [UInt8] {
    var writer = JSONWriter()
    writer.field("site_id", siteID)
    writer.field("change", kind.rawValue)
    writer.field("part", part.rawValue)
    writer.field("subject", subject)
    if let old { writer.field("old", old) }
    if let new { writer.field("new", new) }
    return writer.end()
  }
}

extension JSONWriter {
  fileprivate static func texts(_ texts: [String]) -> [UInt8] {
    array(
      texts.map { text in
        var bytes: [UInt8] = []
        append(quoted: text, to: &bytes)
        return bytes
      })
  }
}
