package import AndonCore

/// Gets every alarm whose topic is published. Called on the site's ingest thread: must return at once.
package protocol AlertObserver: Sendable {
  func show(_ record: AlertRecord)
}
