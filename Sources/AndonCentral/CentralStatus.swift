/// The state of a central database.
package struct CentralStatus: Sendable {
  package var about: CentralAbout
  /// Rows that lie outside every partition.
  package var strayRows: Int64
  /// By id.
  package var sites: [CentralSite]
}
