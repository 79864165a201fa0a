package import AndonCore
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

    /// Where nothing was measured.
    package static let unknown = Sample(
      cpuMs: 0, residentBytes: 0, diskFreeBytes: 0, diskBytes: 0, storeBytes: 0, openFiles: 0)

    package static let payload = PayloadTable<Sample>(
      "What the process takes of its machine.",
      [
        .required("cpu_s", .decimal("User and system time, seconds", digits: 3)) { $0.cpuMs },
        .required("resident_bytes", .count("Memory")) { $0.residentBytes },
        .required("disk_free_bytes", .count("Free beside the data")) { $0.diskFreeBytes },
        .required("disk_bytes", .count("Of that file system")) { $0.diskBytes },
        .required("store_bytes", .count("All sites' files")) { $0.storeBytes },
        .required("open_files", .count("File descriptors")) { $0.openFiles },
      ])
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
