package import AndonConfiguration
package import Postgres

extension CentralSettings {
  /// The server that `url` and `password_file` name.
  ///
  /// - Throws: for a URL or a password file that cannot be used; never for the database.
  package func server(applicationName: String? = nil) throws -> PostgresSettings {
    let (url, password) = (url ?? "", try readPassword().map(PostgresPassword.init))
    guard let applicationName else { return try PostgresSettings(url: url, password: password) }
    return try PostgresSettings(url: url, password: password, applicationName: applicationName)
  }
}
