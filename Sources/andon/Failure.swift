import AndonStore

/// A reason to exit with 1, printed as it is: what failed, on what, and what to do.
struct Failure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }

  /// Turns any error of the body into a `Failure` with its words.
  static func wrap<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(ErrorWords.text(error))
    }
  }

  /// The same for what is done with a site's file: the words name both.
  static func onStore<Result>(_ path: String, site: String, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure("\(site): \(ErrorWords.text(error, path: path))")
    }
  }
}
