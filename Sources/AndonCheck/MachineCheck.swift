package import AndonConfiguration
import AndonStore
import Foundation

/// Checks this machine: folders, disk, clock.
package struct MachineCheck {
  private let settings: Settings
  private let nowMs: Int64

  package init(_ settings: Settings, nowMs: Int64) {
    self.settings = settings
    self.nowMs = nowMs
  }

  package func run() -> [Finding] {
    [folder(), clock()].compactMap(\.self) + settings.sites.flatMap(site)
  }

  private var sitesFolder: String { settings.bridge.dataDirectory + "/sites" }

  private func folder() -> Finding {
    let folder = sitesFolder
    // A check leaves nothing behind: run by root, it would leave a folder that the service cannot write.
    let missing = missingFolders()
    defer { for path in missing { rmdir(path) } }
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let probe = folder + "/.andon-check"
      try Data("x".utf8).write(to: URL(fileURLWithPath: probe))
      try FileManager.default.removeItem(atPath: probe)
    } catch {
      return Finding(
        .error, "folder", "\(folder) cannot be written: \(error.localizedDescription)",
        advice: "create it and give it to the user that runs andon, or change bridge.data_dir")
    }
    if missing.isEmpty, let finding = ownership(folder) { return finding }
    if let kind = FileSystemKind.networkName(at: folder) {
      return Finding(
        .error, "folder",
        "\(folder) lies on a network file system (\(kind)), where SQLite's locks cannot be trusted",
        advice: "put bridge.data_dir on a local disk")
    }
    guard let free = StoreVolume.freeBytes(at: folder) else {
      return Finding(.ok, "folder", "\(folder) can be written")
    }
    let gib = String(format: "%.1f GiB", Double(free) / 1_073_741_824)
    // The number of events below assumes about 130 bytes each, indexes included.
    let limit = settings.sites.map(\.limits.minFreeBytes).max() ?? 0
    if free < limit * 2 {
      return Finding(
        .warning, "disk",
        "\(folder) has \(gib) left; below \(limit >> 20) MiB the bridge warns, at 0 it holds",
        advice: "make room, or shorten store.retention")
    }
    return Finding(
      .ok, "disk",
      "\(folder) can be written; \(gib) left, room for about \(free / 130 / 1_000_000) million events")
  }

  /// The missing folders of the sites' files, innermost first.
  private func missingFolders() -> [String] {
    var missing: [String] = []
    var path = sitesFolder
    while !path.isEmpty, path != "/", path != ".", !FileManager.default.fileExists(atPath: path) {
      missing.append(path)
      path = (path as NSString).deletingLastPathComponent
    }
    return missing
  }

  /// Root can write everywhere; the service cannot if an earlier command made the folder as root.
  private func ownership(_ folder: String) -> Finding? {
    func owner(_ path: String) -> String? {
      (try? FileManager.default.attributesOfItem(atPath: path))?[.ownerAccountName] as? String
    }
    let data = settings.bridge.dataDirectory
    guard let service = owner(data), let found = owner(folder), found == "root",
      service != found
    else { return nil }
    return Finding(
      .error, "folder", "\(folder) belongs to root, \(data) to \(service): the service cannot write it",
      advice: "chown -R \(service): \(folder)")
  }

  private func clock() -> Finding {
    let year = Calendar(identifier: .gregorian).component(
      .year, from: Date(timeIntervalSince1970: Double(nowMs) / 1000))
    if year < 2025 {
      return Finding(
        .error, "clock",
        "this machine's clock says the year \(year): every event would be rejected as too_future",
        advice: "set the clock (timedatectl), and run an NTP client")
    }
    switch Self.isSynchronised() {
    case false:
      return Finding(
        .warning, "clock",
        "this machine's clock is not synchronised: events may be judged too old or too new",
        advice: "run an NTP client (systemd-timesyncd, chrony)")
    case true: return Finding(.ok, "clock", "synchronised by NTP")
    case nil: return Finding(.ok, "clock", "plausible; whether it is synchronised cannot be told here")
    }
  }

  /// Whether systemd reports the clock as synchronized; nil without systemd, as in a container.
  private static func isSynchronised() -> Bool? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/timedatectl")
    process.arguments = ["show", "--property=NTPSynchronized", "--value"]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let answer = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    switch answer.trimmingCharacters(in: .whitespacesAndNewlines) {
    case "yes": return true
    case "no": return false
    default: return nil
    }
  }

  private func site(_ site: SiteSettings) -> [Finding] {
    let path = settings.databasePath(site: site.id)
    guard FileManager.default.fileExists(atPath: path) else {
      return [Finding(.ok, "store", site: site.id, "no file yet; \(path) will be made")]
    }
    do {
      let store = try SiteStore.openForReading(path: path, siteID: site.id)
      let counters = try store.counters()
      return [
        Finding(
          .ok, "store", site: site.id, "\(path): \(counters.stored + counters.lowConfidence) events stored")
      ]
    } catch {
      return [
        Finding(
          .error, "store", site: site.id, ErrorWords.text(error, path: path),
          advice: "see the message; `andon store check` says more of a file that opens")
      ]
    }
  }
}
