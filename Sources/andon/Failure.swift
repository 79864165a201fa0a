import AndonStore

/// The reason for exit status 1, printed as it is: what failed, on what, and what to do.
struct Failure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }

  /// Turns any error of the body into a `Failure` with its message.
  static func wrap<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(ErrorWords.text(error))
    }
  }

  /// The same for a site's file: the message names the site and the file.
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
