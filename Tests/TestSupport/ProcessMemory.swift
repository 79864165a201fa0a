import Foundation

/// The memory of a process as the kernel reports it.
public enum ProcessMemory {
  /// Resident bytes of this process, or of another.
  public static func residentBytes(of process: Int32? = nil) throws -> Int {
    let name = process.map(String.init) ?? "self"
    let status = try String(contentsOfFile: "/proc/\(name)/status", encoding: .utf8)
    guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }),
      let kilobytes = Int(line.filter(\.isNumber))
    else { throw WaitFailure(what: "VmRSS of process \(name)") }
    return kilobytes * 1024
  }
}
