import AndonConfiguration
import AndonCore

/// The notice for workers in German.
struct GermanNotice {
  private let site: SiteSettings
  private var privacy: PrivacySettings { site.privacy }

  init(_ site: SiteSettings) { self.site = site }

  var paragraphs: [String] {
    [
      "Kameras an den Arbeitsplätzen von \(site.name ?? site.id) melden, ob dort gearbeitet wird und wie viele Teile entstehen. "
        + "Daraus berechnet das Programm Andon, wie lange Arbeitsplätze arbeiten und wie viel sie schaffen. "
        + "Bilder erhält Andon nicht.",
      stored, purpose, kept, seen,
      "Über Sie entscheidet keine Maschine.",
      rights,
      "Verantwortlich: [Unternehmen, Anschrift]. Datenschutzbeauftragte: [Name, Telefon]. Betriebsrat: [Name, Telefon].",
    ]
  }

  private var stored: String {
    switch privacy.workers {
    case .named:
      "Über Sie wird gespeichert: Ihre Personalnummer im System, dazu die Zeiten, zu denen eine Kamera Sie arbeitend, untätig oder "
        + "abwesend gesehen hat, der Arbeitsplatz und die dort gezählten Teile. Daraus werden Kennzahlen einzelner Personen berechnet"
        + (privacy.hasRanking ? "; Personen können nach ihren Kennzahlen geordnet angezeigt werden." : ".")
    case .pseudonym:
      "Ihre Nummer wird nicht gespeichert. Vor jedem Speichern wird sie durch ein Pseudonym ersetzt\(rotation). Zum Pseudonym "
        + "werden die Zeiten gespeichert, zu denen eine Kamera Sie arbeitend, untätig oder abwesend gesehen hat, der Arbeitsplatz "
        + "und die dort gezählten Teile. Daraus werden Kennzahlen einzelner Pseudonyme berechnet."
    case .off:
      "Ihre Nummer wird nicht gespeichert. Vor jedem Speichern wird sie durch ein Pseudonym ersetzt\(rotation). "
        + "Von einzelnen Personen wird nichts angezeigt: Kennzahlen gibt es nur für Arbeitsplätze und Linien."
    }
  }

  private var rotation: String {
    switch privacy.rotation {
    case .shift: ", das mit jeder Schicht wechselt"
    case .day: ", das jeden Tag wechselt"
    case .week: ", das jede Woche wechselt"
    case .never: ""
    }
  }

  private var purpose: String {
    "Zweck: zu sehen, wie Arbeitsplätze und Linien laufen, wo sie stillstehen und ob die Kameras verlässlich sind. Die Daten dienen "
      + "nicht dazu, Ihre Leistung oder Ihr Verhalten zu beurteilen, nicht der Entlohnung, nicht arbeitsrechtlichen Maßnahmen und "
      + "nicht der Zeiterfassung."
  }

  private var kept: String {
    let retention = site.retention
    let figures =
      privacy.showsWorkers
      ? "Kennzahlen einzelner Personen \(length(max(retention.eventsMs, retention.workerFiguresMs))), " : ""
    return
      "Aufbewahrt werden: einzelne Ereignisse \(length(retention.eventsMs)), \(figures)Kennzahlen von Arbeitsplätzen "
      + "und Linien \(length(max(retention.eventsMs, retention.figuresMs)))."
  }

  private var seen: String {
    privacy.showsWorkers
      ? "Kennzahlen einzelner Personen sehen: [wer, wofür]. Jeder Blick über die Webseite wird protokolliert; das Protokoll bleibt "
        + "\(length(site.retention.accessLogMs))."
      : "Kennzahlen von Arbeitsplätzen und Linien sehen: [wer, wofür]."
  }

  private var rights: String {
    privacy.hasLastingIDs
      ? "Sie können Auskunft verlangen, Fehler berichtigen und Daten löschen lassen, ihre Nutzung einschränken lassen, "
        + "widersprechen und sich bei der Aufsichtsbehörde beschweren."
      : "Sie können Auskunft verlangen, Daten löschen lassen, widersprechen und sich bei der Aufsichtsbehörde beschweren. "
        + "Ist der Schlüssel Ihres Pseudonyms gelöscht (nach \(lengthAfterNach(site.ingest.maxAgeMs))), kann niemand mehr sagen, "
        + "welche Daten die Ihren sind."
  }

  /// In the dative: nach 7 Tagen.
  private func lengthAfterNach(_ ms: Int64) -> String {
    PrivacyLength(ms).text(units: [
      ("Jahr", "Jahren"), ("Tag", "Tagen"), ("Stunde", "Stunden"), ("Minute", "Minuten"),
    ])
  }

  private func length(_ ms: Int64) -> String {
    PrivacyLength(ms).text(units: [
      ("Jahr", "Jahre"), ("Tag", "Tage"), ("Stunde", "Stunden"), ("Minute", "Minuten"),
    ])
  }
}
