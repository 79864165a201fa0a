import AndonCore
import GRDB

/// Reads an episode from a row; nil for a rule that only a newer Andon knows.
enum EpisodeRow {
  static let columns = """
    rule, source_id, model_version, since_ms, raised_ms, ended_ms, occurrence_since_ms, flap_count, value_ppm
    """

  static func episode(_ row: Row) -> Episode? {
    guard let rule = AlarmRule(rawValue: row[0]) else { return nil }
    return Episode(
      key: AlarmKey(rule: rule, sourceID: row[1], modelVersion: row[2]), sinceMs: row[3], raisedMs: row[4],
      endedMs: row[5], occurrenceSinceMs: row[6], flapCount: row[7], valuePpm: row[8])
  }
}
