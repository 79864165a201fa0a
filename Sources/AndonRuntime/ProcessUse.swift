import AndonCore
import Foundation

/// The resources that the process uses.
package struct ProcessUse: Sendable {
  package struct Sample: Sendable {
    /// User and system time since the start of the process, milliseconds.
    package var cpuMs: Int64
    package var residentBytes: Int64
    /// Of the file system that holds the data folder; 0 when it is unknown.
    package var diskFreeBytes: Int64
    package var diskBytes: Int64
    /// The size of all sites' files, write-ahead logs included.
    package var storeBytes: Int64
    package var openFiles: Int64

    package func json() -> [UInt8] {
      var writer = JSONWriter(capacity: 256)
      writer.field("cpu_s", scaled: cpuMs, digits: 3)
      writer.field("resident_bytes", residentBytes)
      writer.field("disk_free_bytes", diskFreeBytes)
      writer.field("disk_bytes", diskBytes)
      writer.field("store_bytes", storeBytes)
      writer.field("open_files", openFiles)
      return writer.end()
    }
  }

  private let dataDirectory: String

  package init(dataDirectory: String) { self.dataDirectory = dataDirectory }

  /// Reads /proc and the file system. About 100 µs.
  package func sample() -> Sample {
    let disk = try? FileManager.default.attributesOfFileSystem(forPath: dataDirectory)
    return Sample(
      cpuMs: Self.cpuMs(), residentBytes: Self.residentBytes(),
      diskFreeBytes: (disk?[.systemFreeSize] as? NSNumber)?.int64Value ?? 0,
      diskBytes: (disk?[.systemSize] as? NSNumber)?.int64Value ?? 0, storeBytes: storeBytes(),
      openFiles: Int64((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))?.count ?? 0))
  }

  private static func cpuMs() -> Int64 {
    // Microseconds on every POSIX system (CLOCKS_PER_SEC).
    Int64(clock()) / 1000
  }

  private static func residentBytes() -> Int64 {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
    let pages = text.split(separator: " ").dropFirst().first.flatMap { Int64($0) } ?? 0
    return pages * Int64(sysconf(Int32(_SC_PAGESIZE)))
  }

  private func storeBytes() -> Int64 {
    let folder = dataDirectory + "/sites"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.reduce(0) { sum, name in
      let attributes = try? FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")
      return sum + ((attributes?[.size] as? NSNumber)?.int64Value ?? 0)
    }
  }
}
