import AndonStore
import Foundation

/// Compares the free space on the volume of the site's file with `limits.min_free_bytes`.
struct DiskSpaceMonitor: Sendable {
  enum Finding: Equatable, Sendable {
    case sufficient
    /// With what is wrong, in words.
    case low(String)
  }

  private let folder: String
  private let limitBytes: Int64

  init(databasePath: String, limitBytes: Int64) {
    folder = (databasePath as NSString).deletingLastPathComponent
    self.limitBytes = limitBytes
  }

  /// Nil when the volume does not say how much is free.
  func check() -> Finding? {
    guard let free = StoreVolume.freeBytes(at: folder) else { return nil }
    guard free < limitBytes else { return .sufficient }
    return .low(
      "\(folder) has \(free >> 20) MiB left, less than limits.min_free_bytes (\(limitBytes >> 20) MiB)")
  }
}
