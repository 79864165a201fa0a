import CPostgres
import Glibc

/// The variables that libpq itself reads (`PGHOST`, `PGPASSWORD`, `PGSERVICE`, …).
///
/// They must not change what the configuration says, and several of them cannot be overridden. A connection is refused
/// while one is set; a program forgets them at its start.
public enum PostgresEnvironment {
  /// Their names: those of libpq's options, and those without an option.
  static let names: [String] = {
    var names = ["PGSERVICE", "PGSERVICEFILE", "PGSYSCONFDIR", "PGREQUIRESSL"]
    guard let options = unsafe PQconninfoParse("", nil) else { return names }
    defer { unsafe PQconninfoFree(options) }
    var next = unsafe options
    while let _ = unsafe next.pointee.keyword {
      if let variable = unsafe next.pointee.envvar { unsafe names.append(String(cString: variable)) }
      unsafe next += 1
    }
    return names
  }()

  /// Removes them from the environment of this process. Call it before the process has other threads: reading and
  /// changing the environment at once is not allowed.
  public static func forget() {
    for name in names { unsafe _ = unsetenv(name) }
  }

  /// The first one that is set; nil when none is.
  static var firstThatIsSet: String? { names.first { unsafe getenv($0) != nil } }
}
