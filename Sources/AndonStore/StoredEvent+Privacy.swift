package import AndonConfiguration
import AndonCore

extension StoredEvent {
  /// The event as it may leave the file: without its worker where workers are off.
  package func shown(by privacy: PrivacySettings) -> StoredEvent {
    var shown = self
    shown.event = privacy.shown(event)
    return shown
  }
}
