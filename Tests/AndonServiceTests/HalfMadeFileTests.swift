import Foundation
import GRDB
import TestSupport
import Testing

@testable import AndonStore

/// A bridge that was killed while it created a site's file starts again.
@Suite(.ownThread) struct HalfMadeFileTests {
  @Test func aFileWithoutItsSitesNameIsNoReasonNotToStart() throws {
    let path = NSTemporaryDirectory() + "andon-half-\(UUID().uuidString)/plant-a.sqlite"
    defer { try? FileManager.default.removeItem(atPath: (path as NSString).deletingLastPathComponent) }
    try SiteStore.openForWriting(path: path, siteID: "plant-a").close()
    let queue = try DatabaseQueue(path: path)
    try queue.write { try $0.execute(sql: "DELETE FROM site") }
    try queue.close()
    try SiteStore.checkBeforeStart(path: path, siteID: "plant-a")
    try SiteStore.openForWriting(path: path, siteID: "plant-a").close()
    // The file of another site is still refused.
    #expect(throws: StoreError.self) { try SiteStore.checkBeforeStart(path: path, siteID: "plant-b") }
  }
}
