package import AndonCore

/// Hears of every alert whose topic is published. Called on the site's ingestLoop: must return at once.
package protocol AlertObserver: Sendable {
  func show(_ record: AlertRecord)
}
