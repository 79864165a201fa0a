import CCurl

/// Several requests at once on one thread.
///
/// One thread calls everything but `wake`, which any thread may call. A slow server delays no other request. TLS
/// certificates are always verified, redirects are not followed, and an answer is read up to 64 KiB. A request that is
/// not finished when the client goes is broken off. The usual variables (`https_proxy`, `no_proxy`) name a proxy.
@safe public final class CurlClient: @unchecked Sendable {
  private let multi: UnsafeMutableRawPointer
  private var transfers: [Int: CurlTransfer] = [:]

  private static let setUp: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  /// - Parameter connections: how many idle connections are kept for the next requests.
  public init(connections: Int = 8) throws(CurlError) {
    guard Self.setUp, let made = unsafe curl_multi_init() else { throw CurlError("libcurl cannot be set up") }
    unsafe multi = unsafe made
    unsafe _ = andon_curl_set_connections(multi, connections)
  }

  deinit {
    for transfer in transfers.values {
      unsafe curl_multi_remove_handle(multi, transfer.handle)
    }
    transfers.removeAll()
    unsafe curl_multi_cleanup(multi)
  }

  /// How many requests are on the way.
  public var count: Int { transfers.count }

  /// Begins a request; `run` returns its result with the tag.
  public func start(_ request: CurlRequest, tag: Int) throws(CurlError) {
    let transfer = try CurlTransfer(request, tag: tag)
    guard unsafe curl_multi_add_handle(multi, transfer.handle) == CURLM_OK else {
      throw CurlError("curl_multi_add_handle failed")
    }
    transfers[transfer.key] = transfer
  }

  /// Works on the requests until one ends, `wake` is called, or the time is over. Returns those that ended.
  public func run(milliseconds: Int32) -> [(tag: Int, result: CurlResult)] {
    var ended = perform()
    guard ended.isEmpty, milliseconds > 0 else { return ended }
    unsafe _ = curl_multi_poll(multi, nil, 0, milliseconds, nil)
    ended = perform()
    return ended
  }

  /// Ends the current `run`, or the next one.
  public func wake() { unsafe _ = curl_multi_wakeup(multi) }

  private func perform() -> [(tag: Int, result: CurlResult)] {
    var running: Int32 = 0
    unsafe _ = curl_multi_perform(multi, &running)
    var ended: [(tag: Int, result: CurlResult)] = []
    var left: Int32 = 0
    while let message = unsafe curl_multi_info_read(multi, &left) {
      guard unsafe message.pointee.msg == CURLMSG_DONE, let handle = unsafe message.pointee.easy_handle,
        let transfer = transfers.removeValue(forKey: Int(bitPattern: handle))
      else { continue }
      let result = unsafe transfer.result(andon_curl_result(message))
      unsafe curl_multi_remove_handle(multi, handle)
      ended.append((transfer.tag, result))
    }
    return ended
  }

  /// Sends one request and waits for its end, at most its time-out and a second.
  public static func perform(_ request: CurlRequest) throws(CurlError) -> CurlResult {
    let client = try CurlClient()
    try client.start(request, tag: 0)
    let end = ContinuousClock.now + .milliseconds(request.timeoutMs + 1000)
    while ContinuousClock.now < end {
      if let ended = client.run(milliseconds: 200).first { return ended.result }
    }
    return CurlResult(status: 0, failure: .timeout, message: "no answer")
  }
}
