import Foundation
import GRDB
import Synchronization
import TestSupport
import Testing

@testable import AndonConfiguration
@testable import AndonCore
@testable import AndonStore

/// A site's file is closed while others read it: in a fleet that happens with each move.
@Suite(.ownThread) struct ReadWhileClosingTests {
  @Test func fault289_readersGetAnErrorWhenTheFileIsClosed() throws {
    let site = try TestSite()
    try site.store.close()
    let path = site.settings.databasePath(site: "plant-a")
    for _ in 0..<40 {
      let store = try SiteStore.openForWriting(path: path, siteID: "plant-a")
      let reads = Atomic(0)
      let wrong = Mutex<[String]>([])
      // More than the pool has connections, so that some wait for one.
      let readers = (0..<12).map { _ in
        Thread {
          while true {
            do {
              _ = try store.database.read { try Int64.fetchOne($0, sql: "SELECT count(*) FROM event") }
              reads.add(1, ordering: .relaxed)
            } catch let error as DatabaseError where error.resultCode == .SQLITE_MISUSE {
              return
            } catch {
              return wrong.withLock { $0.append("\(error)") }
            }
          }
        }
      }
      for reader in readers { reader.start() }
      try waitUntil("some reads") { reads.load(ordering: .relaxed) > 50 }
      try store.close()
      try waitUntil("the readers to end") { readers.allSatisfy(\.isFinished) }
      #expect(wrong.withLock { $0 } == [])
      #expect(throws: DatabaseError.self) { try store.commit { _ in } }
      try store.close()
    }
  }
}
