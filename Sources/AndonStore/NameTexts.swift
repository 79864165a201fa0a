import GRDB

/// The texts of names for one query, shared by its parts.
final class NameTexts {
  private var reader: NameReader

  init(_ db: Database) { reader = NameReader(db) }

  /// - Throws: `SQLITE_CORRUPT` when there is no such name, or both copies are damaged.
  func text(_ number: Int32) throws -> String { try reader.text(Int64(number)) }
}
