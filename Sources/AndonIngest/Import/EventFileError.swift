/// The file is no file of events, judged by its first line.
package struct EventFileError: Error, Equatable, CustomStringConvertible {
  /// The first line, shortened.
  package var firstLine: String

  package var description: String {
    "its first line, \"\(firstLine)\", is neither a JSON object or array nor the header of a CSV that andon export "
      + "writes (columns with commas between: \(CSVColumns.required.joined(separator: ", ")), …); nothing was imported"
  }
}
