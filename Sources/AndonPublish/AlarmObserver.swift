package import AndonCore

/// Gets every alarm whose topic is published. Called on the site's ingest thread: must return at once.
package protocol AlarmObserver: Sendable {
  func observe(_ record: AlarmRecord)
}
