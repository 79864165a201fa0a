/// What this process knows of the site's session beyond what is in the file: while the disk is full the file
/// cannot be written.
enum SessionMemory: Sendable {
  /// As the file says. If it says "connecting", an earlier CONNECT may have created a session unnoticed.
  case asTheFileSays
  /// Every CONNECT was answered, and the answers are in the file.
  case sure
  /// The broker had discarded the session; the file does not say so yet.
  case lost
}
