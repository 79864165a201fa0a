import Glibc

/// The file system that holds a site's file.
package enum StoreVolume {
  /// The bytes that this process may still write there; nil when the system does not say.
  package static func freeBytes(at path: String) -> Int64? {
    var volume = statvfs()
    guard statvfs(path, &volume) == 0 else { return nil }
    let (bytes, overflow) = Int64(clamping: volume.f_bavail)
      .multipliedReportingOverflow(by: Int64(clamping: volume.f_frsize))
    return overflow ? .max : bytes
  }
}
