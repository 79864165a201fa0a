/// The languages of the pages that the program writes by itself.
package enum PageLanguage: String, Sendable, CaseIterable {
  case english = "en"
  case german = "de"
}
