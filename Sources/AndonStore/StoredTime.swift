/// Columns of times are NOT NULL: 0 stands for never.
enum StoredTime {
  /// Nil for never. Epoch milliseconds.
  static func read(_ column: Int64) -> Int64? { column == 0 ? nil : column }

  static func column(_ timeMs: Int64?) -> Int64 { timeMs ?? 0 }
}
