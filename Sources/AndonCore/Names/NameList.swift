/// Names in a sentence for people.
package enum NameList {
  /// `cam-01, cam-02 and 3 more`: the first few, and how many are left out.
  package static func text(_ names: [String], atMost limit: Int = 5) -> String {
    names.prefix(limit).joined(separator: ", ")
      + (names.count > limit ? " and \(names.count - limit) more" : "")
  }
}
