import Testing

@testable import AndonAccess
@testable import AndonHTTP

/// The bounds of shared answers.
@Suite struct ReplyCacheTests {
  private func ask(_ cache: ReplyCache, _ uri: String, nowMs: Int64, bytes: Int = 60) async throws {
    _ = try await cache.reply(.init(uri: uri, view: Caller.sharedToken.view), nowMs: nowMs, forMs: 10) {
      .json([UInt8](repeating: 0x20, count: bytes))
    }
  }

  @Test func bytesAreBounded() async throws {
    let cache = ReplyCache(byteLimit: 200)
    for index in 0..<100 {
      try await ask(cache, "/\(index)", nowMs: Int64(index) / 50)
      #expect(cache.size.bytes <= 200 && cache.size.bytes == cache.size.count * 60)
    }
    #expect(cache.size.count == 3)
    try await ask(cache, "/large", nowMs: 2, bytes: 201)
    #expect(cache.size.count == 3 && cache.size.bytes == 180)
    cache.removeAll()
    #expect(cache.size.count == 0 && cache.size.bytes == 0)
  }

  @Test func whatExpiredLeavesWithTheNextAnswer() async throws {
    let cache = ReplyCache()
    for index in 0..<20 { try await ask(cache, "/\(index)", nowMs: 0) }
    #expect(cache.size.count == 20)
    try await ask(cache, "/next", nowMs: 10)
    #expect(cache.size.count == 1 && cache.size.bytes == 60)
  }

  /// Each letter that somebody types would be an answer of its own.
  @Test func searchesAreNotShared() throws {
    let endpoint = try #require(Endpoint.fleet.first { $0.operation == .listFleetSites })
    #expect(endpoint.isShared(APIRequest(values: ["order": "name"], nowMs: 0)))
    #expect(!endpoint.isShared(APIRequest(values: ["order": "name", "find": "a"], nowMs: 0)))
  }
}
