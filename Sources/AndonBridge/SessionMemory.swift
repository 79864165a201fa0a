/// What this process knows of the site's session beyond what the file says, which cannot be written while the disk
/// is full.
enum SessionMemory: Sendable {
  /// As the file says: where it says "connecting", an earlier CONNECT may have made a session that nobody knows of.
  case asTheFileSays
  /// Every CONNECT was answered, and what the answers said is in the file.
  case sure
  /// The broker had forgotten the session; that is not in the file yet.
  case lost
}
