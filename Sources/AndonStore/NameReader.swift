import AndonCore
import GRDB

/// Reads the texts of names, each once.
///
/// A name is in every row of a worker or camera, so a damaged one would be wrong everywhere. Each has a checksum, and
/// its text is stored twice: in the table and in the table's index.
struct NameReader {
  private let db: Database
  /// By number, which are dense; nil where it was not read yet.
  private var texts: [String?] = [""]
  private var misses: Int64 = 0

  init(_ db: Database) { self.db = db }

  /// - Throws: `SQLITE_CORRUPT` when there is no such name, or both copies are damaged.
  mutating func text(_ id: Int64) throws -> String {
    if id >= 0, id < texts.count, let text = texts[Int(id)] { return text }
    return try load(id)
  }

  private mutating func load(_ id: Int64) throws -> String {
    misses += 1
    if misses == Self.fewNames { try loadAll() }
    if id >= 0, id < texts.count, let text = texts[Int(id)] { return text }
    let row = try Row.fetchOne(
      db.cachedStatement(sql: "SELECT kind, text, checksum FROM name WHERE id = ?"), arguments: [id])
    guard let row, let text = try Self.sound(id, row, db) else {
      throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "name \(id) is missing or damaged")
    }
    while texts.count <= Int(id) { texts.append(nil) }
    texts[Int(id)] = text
    return text
  }

  /// One pass is cheaper than so many look-ups. Damaged names are left to a look-up.
  private static let fewNames: Int64 = 24
  /// A larger site looks up what it needs.
  private static let manyNames: Int64 = 20_000

  private mutating func loadAll() throws {
    let count = try Int64.fetchOne(db.cachedStatement(sql: "SELECT max(id) FROM name")) ?? 0
    guard count <= Self.manyNames else { return }
    while texts.count <= Int(count) { texts.append(nil) }
    let rows = try Row.fetchCursor(db.cachedStatement(sql: "SELECT id, kind, text, checksum FROM name"))
    while let row = try rows.next() {
      guard let id = Int64.fromDatabaseValue(row[0]), 1...count ~= id,
        let kind = String.fromDatabaseValue(row[1]),
        let text = String.fromDatabaseValue(row[2]),
        Int64.fromDatabaseValue(row[3]) == BlobKey.name(id, kind: kind, text)
      else { continue }
      texts[Int(id)] = text
    }
  }

  /// The text that matches the checksum: the table's or the index's.
  private static func sound(_ id: Int64, _ row: Row, _ db: Database) throws -> String? {
    let kind = String.fromDatabaseValue(row[0]) ?? ""
    let text = String.fromDatabaseValue(row[1])
    let checksum = Int64.fromDatabaseValue(row[2])
    if let text, checksum == BlobKey.name(id, kind: kind, text) { return text }
    // The index holds kind and text, too; this reads nothing else.
    let copy = try Row.fetchOne(
      db,
      sql: "SELECT kind, text FROM name INDEXED BY name_by_text WHERE kind IN ('worker', 'workstation', "
        + "'camera', 'model') AND id = ?", arguments: [id])
    guard let copy, let copyKind = String.fromDatabaseValue(copy[0]),
      let copyText = String.fromDatabaseValue(copy[1])
    else { return nil }
    let isSound = checksum == BlobKey.name(id, kind: copyKind, copyText)
    // Where kind and text agree, it is the checksum that is damaged.
    return isSound || (copyText == text && copyKind == kind) ? copyText : nil
  }
}

extension StoreTransaction {
  /// The number of a name; nil for an unknown one, 0 for the empty one.
  package func nameID(_ kind: EntityKind, _ text: String) throws -> Int64? {
    if text.isEmpty { return 0 }
    return try Int64.fetchOne(
      db.cachedStatement(sql: "SELECT id FROM name WHERE kind = ? AND text = ?"),
      arguments: [kind.rawValue, text])
  }

  /// All names of the site, without pseudonyms that ended before `ms`. O(names).
  package func names(endingAfter ms: Int64 = .min) throws -> [(
    kind: EntityKind, id: Int32, text: String, endsMs: Int64?
  )] {
    var reader = NameReader(db)
    return try Row.fetchAll(
      db, sql: "SELECT id, kind, ends_ms FROM name WHERE ends_ms IS NULL OR ends_ms > ? ORDER BY id",
      arguments: [ms]
    ).compactMap { row in
      guard let kind = EntityKind(rawValue: row[1]) else { return nil }
      let id: Int64 = row[0]
      return (kind, Int32(id), try reader.text(id), row[2])
    }
  }

  /// Adds a name that the site does not have, and returns its number. A number is never given twice.
  /// - Parameter endsMs: when a pseudonym ends; nil for a name that does not.
  package func addName(kind: EntityKind, _ text: String, endsMs: Int64? = nil) throws -> Int32 {
    let id = (try Int64.fetchOne(db.cachedStatement(sql: "SELECT max(id) FROM name")) ?? 0) + 1
    try db.cachedStatement(sql: "INSERT INTO name (id, kind, text, checksum, ends_ms) VALUES (?, ?, ?, ?, ?)")
      .execute(arguments: [id, kind.rawValue, text, BlobKey.name(id, kind: kind.rawValue, text), endsMs])
    return Int32(id)
  }
}

extension StoreTransaction {
  /// By the worker's number, when the pseudonyms end that are in use after an instant. O(pseudonyms), and nothing in a
  /// file without any.
  func pseudonymEnds(after ms: Int64) throws -> [Int32: Int64] {
    let rows = try Row.fetchCursor(
      db.cachedStatement(sql: "SELECT id, ends_ms FROM name INDEXED BY name_by_end WHERE ends_ms > ?"),
      arguments: [ms])
    var ends: [Int32: Int64] = [:]
    while let row = try rows.next() { ends[row[0]] = row[1] }
    return ends
  }
}

extension SiteStore {
  /// All names of the site, without pseudonyms that ended before `ms`. O(names).
  package func names(endingAfter ms: Int64 = .min) throws -> [(
    kind: EntityKind, id: Int32, text: String, endsMs: Int64?
  )] {
    try database.read { try StoreTransaction(reading: $0).names(endingAfter: ms) }
  }
}
