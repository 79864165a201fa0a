/// Why the keys of pseudonyms cannot be read or written. No event is stored then: the next try may be well.
package struct KeyFileError: Error, Sendable, Equatable, CustomStringConvertible {
  package var path: String
  package var reason: String

  package var description: String { "the keys of pseudonyms, \(path): \(reason)" }
}
