/// The version of this program; the first heading of CHANGELOG.md must equal it.
package enum AndonVersion {
  package static let text = "0.1.0"
}
