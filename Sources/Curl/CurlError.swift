/// libcurl could not be set up.
public struct CurlError: Error, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}
