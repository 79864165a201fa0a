import Foundation
import GRDB
import Mosquitto
import TestSupport
import Testing

@testable import AndonStatus
@testable import AndonStore

/// Rows 9, 14, 17–22 and 38 of docs/reliability.md: the disk and the site's file under a whole bridge.
@Suite(.serialized, .ownThread) struct StoreFaultTests {
  @Test func fault09_aSecondProcessRefusesToStartAndNamesTheHolder() async throws {
    let broker = try Broker()
    let bridge = try TestBridge(broker)
    try await bridge.runReady { _ in
      let second = try AndonProcess(["run", "--config", try bridge.writeFile()], folder: bridge.folder)
      #expect(second.wait(seconds: 30) == 1)
      #expect(
        second.output.contains("process \(ProcessInfo.processInfo.processIdentifier)"), "\(second.output)")
      #expect(second.output.contains("plant-a.sqlite"))
    }
  }

  @Test func fault14_aSlowDiskMeansBiggerBatchesAndFlatMemory() async throws {
    let broker = try Broker()
    let disk = try FaultyDisk("slow", isMemory: true)
    let bridge = try TestBridge(broker, folder: disk.folder)
    let count = 15_000
    try await bridge.runReady { board in
      disk.slowSyncs(milliseconds: 100)
      let before = try ProcessMemory.residentBytes()
      let sequence = try bridge.reading().progress().sequence
      Thread.detachNewThread { _ = try? SyncClient(broker).publish(TestBridge.events(0..<count)) }
      var most = 0
      var mostLagMs: Int64 = 0
      try await TestBridge.until("all of it", seconds: 120) {
        most = max(most, try ProcessMemory.residentBytes())
        mostLagMs = max(mostLagMs, board.site().lagMs ?? 0)
        return board.site().counters.stored == count
      }
      let commits = try bridge.reading().progress().sequence - sequence
      #expect(commits < count / 100, "\(commits) commits for \(count) events")
      #expect(most - before < 96 << 20, "\(most - before) bytes more")
      #expect(mostLagMs > 0)
      disk.slowSyncs(milliseconds: 0)
    }
  }

  /// A real file system of 6 MB that is really full.
  @Test(.enabled(if: SmallFileSystem.isPossible))
  func fault17_aFullDiskHoldsTheSiteUntilThereIsRoom() async throws {
    let broker = try Broker()
    let volume = try SmallFileSystem(megabytes: 6)
    let bridge = try TestBridge(broker, folder: volume.folder)
    let filler = volume.folder.appending(path: "filler")
    try await bridge.runReady { board in
      // Below `min_free_bytes` from the start: the warning comes before any failure.
      try await TestBridge.until("the warning") { board.site().warning != nil }
      #expect(board.site().warning?.contains("MiB left") == true && board.isReady)
      try SyncClient(broker).publish(TestBridge.events(0..<100))
      try await TestBridge.until("the first") { board.site().counters.stored == 100 }
      volume.fill(filler)
      try SyncClient(broker).publish(TestBridge.events(100..<10_000))
      try await TestBridge.until("the hold") { board.site().health.state != .running && !board.isReady }
      try await TestBridge.until("the words") { board.site().trouble?.contains("full") == true }
      let since = board.site().health.sinceMs
      let tried = bridge.log.lines.count { $0.hasPrefix("debug site is") }
      try await TestBridge.until("more tries") {
        bridge.log.lines.count { $0.hasPrefix("debug site is") } >= tried + 2
      }
      #expect(board.site().health.sinceMs == since, "it is one hold, however often it is tried")
      try FileManager.default.removeItem(at: filler)
      try await TestBridge.until("all of it") { board.site().counters.stored == 10_000 && board.isReady }
    }
    #expect(try bridge.reading().eventCount() == 10_000 && bridge.reading().counters().isBalanced)
  }

  @Test func fault18_aFailedSyncFailsTheSiteWhichReopensAndComparesWhileTheOtherGoesOn() async throws {
    let broker = try Broker()
    let disk = try FaultyDisk("eio", isMemory: true)
    let bridge = try TestBridge(broker, sites: ["plant-a", "plant-b"], folder: disk.folder)
    try await bridge.runReady { board in
      try SyncClient(broker).publish(TestBridge.events(0..<50))
      try await TestBridge.until("the first") { board.site().counters.stored == 50 }
      disk.fail([.sync], .syncFailed)
      try SyncClient(broker).publish(TestBridge.events(50..<100))
      try await TestBridge.until("the failure") { board.site().health.state == .failed }
      #expect(board.site().trouble?.contains("reports errors") == true)
      #expect(board.site("plant-b").health.state == .running && board.site("plant-b").trouble == nil)
      try await TestBridge.until("all of it") { board.site().counters.stored == 100 && board.isReady }
    }
    #expect(bridge.log.text.contains("error site is failed"))
    #expect(try bridge.reading().eventCount() == 100 && bridge.reading().counters().isBalanced)
    #expect(try bridge.reading().gaps(fromMs: .min, toMs: .max).isEmpty)
  }

  @Test(.enabled(if: SmallFileSystem.isPossible))
  func fault19_aReadOnlyFileSystemFailsTheSiteAndIsProbed() async throws {
    let broker = try Broker()
    let volume = try SmallFileSystem(megabytes: 16)
    let bridge = try TestBridge(broker, folder: volume.folder)
    try await bridge.runReady { _ in }
    try volume.remount(readOnly: true)
    try SyncClient(broker).publish(TestBridge.events(0..<20))
    try await bridge.run { board in
      try await TestBridge.until("the failure") { board.site().health.state == .failed }
      #expect(board.site().trouble?.contains(bridge.folder.path) == true, "\(board.site().trouble ?? "")")
      #expect(!board.isReady)
      try volume.remount(readOnly: false)
      try await TestBridge.until("it to go on by itself") { board.site().counters.stored == 20 }
    }
    #expect(try bridge.reading().eventCount() == 20)
  }

  enum Damage: CaseIterable { case page, truncated, noDatabase }

  @Test(arguments: Damage.allCases)
  func fault20_aDamagedFileFailsItsSiteAloneAndIsKept(_ damage: Damage) async throws {
    let broker = try Broker()
    let bridge = try TestBridge(broker, sites: ["plant-a", "plant-b"])
    try await bridge.runReady { board in
      try SyncClient(broker).publish(TestBridge.events(0..<2000))
      try await TestBridge.until("rows") { board.site().counters.stored == 2000 }
    }
    let url = URL(fileURLWithPath: bridge.path())
    var bytes = try Data(contentsOf: url)
    switch damage {
    case .page: for index in 4096..<min(bytes.count, 200_000) { bytes[index] = UInt8(index % 251) }
    case .truncated: bytes = bytes.prefix(bytes.count / 3)
    case .noDatabase: bytes = Data("this is no database, and it is long enough to be looked at".utf8)
    }
    try bytes.write(to: url)
    try await bridge.run { board in
      try SyncClient(broker).publish(TestBridge.events(2000..<2010))
      try await TestBridge.until("the failure") { board.site().health.state == .failed }
      let words = try #require(board.site().trouble)
      #expect(
        words.contains("damaged") && words.contains("backup") && words.contains(bridge.path()), "\(words)")
      try await TestBridge.until("the other") { board.site("plant-b").health.state == .running }
    }
    #expect(try Data(contentsOf: url).count >= bytes.count, "the file is kept")
  }

  @Test func fault20_aRestoredBackupLeavesAGapThatIsSaid() async throws {
    let broker = try Broker()
    let bridge = try TestBridge(broker)
    let url = URL(fileURLWithPath: bridge.path())
    try await bridge.runReady { board in
      try SyncClient(broker).publish(TestBridge.events(0..<10))
      try await TestBridge.until("rows") { board.site().counters.stored == 10 }
    }
    let backup = try Data(contentsOf: url)
    try await bridge.runReady { board in
      try SyncClient(broker).publish(TestBridge.events(10..<20))
      try await TestBridge.until("rows") { board.site().counters.stored == 20 }
    }
    try backup.write(to: url)
    try await bridge.runReady { board in
      #expect(board.site().gaps.first?.cause == .storeRestored)
      #expect(board.site().gaps.first?.detail.contains("backup") == true)
    }
    // Reported once.
    try await bridge.runReady { board in #expect(board.site().gaps.count == 1) }
    #expect(try bridge.reading().eventCount() == 10)
  }

  @Test func fault20_aMissingWriteAheadLogLeavesAGapThatIsSaid() throws {
    let site = try CrashSite()
    try site.commit([TestSite.event(TestSite.nowMs, worker: "A1")])
    site.die()
    try FileManager.default.removeItem(atPath: site.path + "-wal")
    try site.start()
    #expect(try site.workers().isEmpty)
    #expect(try site.store.gaps(fromMs: .min, toMs: .max).map(\.cause) == [.storeRestored])
  }

  @Test func fault21_aLockedDatabaseHoldsTheSiteAndIsSaid() async throws {
    let broker = try Broker()
    let bridge = try TestBridge(broker)
    try await bridge.runReady { board in
      var configuration = Configuration()
      configuration.allowsUnsafeTransactions = true
      // The bridge may be writing at that moment.
      configuration.busyMode = .timeout(10)
      let shell = try DatabaseQueue(path: bridge.path(), configuration: configuration)
      try await shell.writeWithoutTransaction { db in
        try db.execute(sql: "BEGIN IMMEDIATE")
      }
      try SyncClient(broker).publish(TestBridge.events(0..<20))
      try await TestBridge.until("the hold") { board.site().health.state == .held }
      #expect(board.site().trouble?.contains("locked by another program") == true)
      try await shell.writeWithoutTransaction { db in try db.execute(sql: "ROLLBACK") }
      try await TestBridge.until("all of it") { board.site().counters.stored == 20 && board.isReady }
    }
    #expect(try bridge.reading().eventCount() == 20)
  }

  @Test func fault22_aNewerSchemaEndsTheProcessWithAMessage() throws {
    let broker = try Broker()
    let bridge = try TestBridge(broker)
    try SiteStore.openForWriting(path: bridge.path(), siteID: "plant-a").close()
    try DatabaseQueue(path: bridge.path()).write {
      try $0.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('99 from the future')")
    }
    let process = try AndonProcess(["run", "--config", try bridge.writeFile()], folder: bridge.folder)
    #expect(process.wait(seconds: 30) == 1)
    #expect(
      process.output.contains("newer Andon") && process.output.contains(bridge.path()), "\(process.output)")
  }

  @Test func fault38_withoutFileDescriptorsSitesAreHeldAndNothingCrashes() throws {
    let broker = try Broker()
    let sites = (0..<200).map { "plant-\($0)" }
    let bridge = try TestBridge(broker, sites: sites)
    let process = try AndonProcess(
      ["run", "--config", try bridge.writeFile()], folder: bridge.folder, prelude: "ulimit -n 700;")
    try waitUntil("sites that are held", seconds: 120) {
      process.exitCode != nil || process.output.contains("site is held")
        || process.output.contains("site is failed")
    }
    // Each site has its session or reports why not; some may work all the same.
    let words = ["site has its session", "site is held", "site is failed"]
    try waitUntil("a word of every site") {
      let lines = process.output.split(separator: "\n")
      return process.exitCode != nil
        || sites.allSatisfy { site in
          lines.contains { line in line.contains(site) && words.contains { line.contains($0) } }
        }
    }
    #expect(process.exitCode == nil, "\(process.output.suffix(2000))")
    #expect(process.output.contains("site has its session"), "some work all the same")
    process.signal(SIGTERM)
    #expect(process.wait(seconds: 60) == 0, "\(process.output.suffix(2000))")
  }
}
