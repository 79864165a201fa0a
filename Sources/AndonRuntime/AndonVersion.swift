/// The version of this program; the first heading of CHANGELOG.md says the same.
package enum AndonVersion {
  package static let text = "0.1.0"
}
