/// One step of the schema. A released one never changes.
struct CentralMigration: Sendable {
  var name: String
  var sql: @Sendable (CentralLayout) -> String
}
