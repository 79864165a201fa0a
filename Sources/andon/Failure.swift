/// A reason to exit with 1, printed as it is: what failed, on what, and what to do.
struct Failure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }

  /// Turns any error of the body into a `Failure` with its words.
  static func wrap<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch { throw Failure("\(error)") }
  }
}
