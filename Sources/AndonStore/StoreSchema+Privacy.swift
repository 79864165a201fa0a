extension StoreSchema {
  /// What is kept of rejected bytes, and until when a pseudonym stands for a worker. A name without an end never ends.
  static let privacy = """
    ALTER TABLE quarantine ADD COLUMN form INTEGER NOT NULL DEFAULT 0 CHECK (form BETWEEN 0 AND 2);
    ALTER TABLE name ADD COLUMN ends_ms INTEGER;
    CREATE INDEX name_by_end ON name (ends_ms) WHERE ends_ms IS NOT NULL;
    """
}
