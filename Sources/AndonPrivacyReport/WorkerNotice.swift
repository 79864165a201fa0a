import AndonConfiguration
import AndonCore

/// The notice that hangs at the workstations: what is stored about workers, why, how long, and what they may ask for. What
/// only the plant knows stands in brackets.
package struct WorkerNotice: Sendable {
  package enum Language: String, Sendable, CaseIterable {
    case english = "en"
    case german = "de"
  }

  private let site: SiteSettings

  init(_ site: SiteSettings) { self.site = site }

  /// Paragraphs, each one line.
  package func paragraphs(_ language: Language) -> [String] {
    switch language {
    case .english: EnglishNotice(site).paragraphs
    case .german: GermanNotice(site).paragraphs
    }
  }

  package func text(_ language: Language) -> String { paragraphs(language).joined(separator: "\n\n") }
}
