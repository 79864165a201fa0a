import CCurl

/// One request on the way: the easy handle and what its callbacks use. For one thread.
///
/// The handle points to this object and to its error buffer, so the object must live until the handle is cleaned up,
/// which `deinit` does first.
@safe final class CurlTransfer {
  let handle: UnsafeMutableRawPointer
  private let errors: UnsafeMutablePointer<CChar>
  private var list: UnsafeMutablePointer<curl_slist>?
  private let upload: [UInt8]
  private var uploaded = 0
  private var excerpt: [UInt8] = []
  private var bodyBytes = 0
  private var headerBytes = 0
  private let isMail: Bool
  private let keepsBody: Bool
  let tag: Int
  /// The handle as a number.
  var key: Int { unsafe Int(bitPattern: handle) }

  /// The most bytes of an answer's body, and of its headers, that are read.
  static let answerLimit = 64 << 10
  private static let excerptLimit = 200

  /// - Throws: when the library has no memory or does not know an option.
  init(_ request: CurlRequest, tag: Int) throws(CurlError) {
    guard let made = unsafe curl_easy_init() else { throw CurlError("curl_easy_init failed") }
    unsafe handle = unsafe made
    unsafe errors = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    unsafe errors.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    self.tag = tag
    isMail = request.isMail
    keepsBody = request.keepsBody
    if case .mail(_, _, let body) = request.work { upload = body } else { upload = [] }
    try prepare(request)
  }

  deinit {
    unsafe curl_easy_cleanup(handle)
    unsafe curl_slist_free_all(list)
    unsafe errors.deallocate()
  }

  private func check(_ code: CURLcode, _ what: String) throws(CurlError) {
    guard code != CURLE_OK else { return }
    throw CurlError("\(what): \(unsafe String(cString: curl_easy_strerror(code)))")
  }

  private func set(_ option: CURLoption, _ value: Int) throws(CurlError) {
    try check(unsafe andon_curl_set_long(handle, option, value), "option \(option.rawValue)")
  }

  private func set(_ option: CURLoption, _ value: String) throws(CurlError) {
    try check(unsafe andon_curl_set_text(handle, option, value), "option \(option.rawValue)")
  }

  /// At most one list for each transfer.
  private func set(_ option: CURLoption, list values: [String]) throws(CurlError) {
    for value in values {
      guard let longer = unsafe curl_slist_append(list, value) else { throw CurlError("no memory") }
      unsafe list = longer
    }
    try check(unsafe andon_curl_set_list(handle, option, list), "option \(option.rawValue)")
  }

  private func prepare(_ request: CurlRequest) throws(CurlError) {
    unsafe _ = andon_curl_set_text(handle, CURLOPT_ERRORBUFFER, errors)
    // The first two, so that no later option can send anything elsewhere. Redirects are not followed.
    try check(unsafe andon_curl_allow(handle, isMail ? 1 : 0), "the allowed protocols")
    try set(CURLOPT_FOLLOWLOCATION, 0)
    try set(CURLOPT_URL, request.url)
    try set(CURLOPT_NOSIGNAL, 1)
    try check(unsafe andon_curl_leave_lookup(handle), "leaving a lookup")
    try set(CURLOPT_TIMEOUT_MS, Int(request.timeoutMs))
    try set(CURLOPT_CONNECTTIMEOUT_MS, Int(max(1, request.timeoutMs / 2)))
    try check(unsafe andon_curl_secure(handle), "verified TLS")
    if let caFile = request.caFile { try set(CURLOPT_CAINFO, caFile) }
    try set(CURLOPT_USERAGENT, "andon")
    if let username = request.username { try set(CURLOPT_USERNAME, username) }
    if let password = request.password { try set(CURLOPT_PASSWORD, password) }
    try setCallbacks()
    if isMail {
      try prepareMail(request)
    } else {
      // Some servers never answer to `Expect: 100-continue`.
      try set(CURLOPT_HTTPHEADER, list: request.headers + ["Expect:"])
      try prepareHTTP(request.work)
    }
  }

  private func prepareHTTP(_ work: CurlRequest.Work) throws(CurlError) {
    switch work {
    case .get: try set(CURLOPT_HTTPGET, 1)
    case .post(let body):
      try set(CURLOPT_POST, 1)
      let code = unsafe body.withUnsafeBufferPointer { bytes in
        unsafe bytes.withMemoryRebound(to: CChar.self) {
          unsafe andon_curl_set_body(handle, $0.baseAddress, Int(bytes.count))
        }
      }
      try check(code, "the body")
    case .greet: try set(CURLOPT_CONNECT_ONLY, 1)
    case .mail: throw CurlError("a mail needs an address that begins with smtp")
    }
  }

  private func prepareMail(_ request: CurlRequest) throws(CurlError) {
    // All or nothing: without TLS no login and no mail.
    try check(unsafe andon_curl_need_starttls(handle, request.needsTLS ? 1 : 0), "STARTTLS")
    switch request.work {
    case .mail(let from, let to, _):
      try set(CURLOPT_MAIL_FROM, "<\(from)>")
      try set(CURLOPT_MAIL_RCPT, list: to.map { "<\($0)>" })
      // One recipient that left the company must not keep the others from being called.
      try check(unsafe andon_curl_allow_refused_recipients(handle), "refused recipients")
      try check(unsafe andon_curl_set_upload(handle, Int(upload.count)), "the mail")
    case .greet:
      try set(CURLOPT_CUSTOMREQUEST, "NOOP")
      try set(CURLOPT_NOBODY, 1)
    case .get, .post: throw CurlError("a mail server gets mails only")
    }
  }

  // MARK: Callbacks

  private func setCallbacks() throws(CurlError) {
    let me = unsafe Unmanaged.passUnretained(self).toOpaque()
    for option in [CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_READDATA, CURLOPT_PRIVATE] {
      try check(unsafe andon_curl_set_pointer(handle, option, me), "option \(option.rawValue)")
    }
    // A return value other than the number of bytes ends the transfer.
    try check(
      unsafe andon_curl_set_function(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, me in
        guard let bytes = unsafe bytes, let me = unsafe me else { return 0 }
        let transfer = unsafe Unmanaged<CurlTransfer>.fromOpaque(me).takeUnretainedValue()
        let data = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
        return unsafe transfer.receive(data) ? size * count : 0
      }, "the answer's callback")
    try check(
      unsafe andon_curl_set_function(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, me in
        guard let bytes = unsafe bytes, let me = unsafe me else { return 0 }
        let transfer = unsafe Unmanaged<CurlTransfer>.fromOpaque(me).takeUnretainedValue()
        let data = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
        return unsafe transfer.receive(header: data) ? size * count : 0
      }, "the headers' callback")
    try check(
      unsafe andon_curl_set_function(handle, CURLOPT_READFUNCTION) { bytes, size, count, me in
        guard let bytes = unsafe bytes, let me = unsafe me else { return 0 }
        let transfer = unsafe Unmanaged<CurlTransfer>.fromOpaque(me).takeUnretainedValue()
        return unsafe transfer.send(
          UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
      }, "the mail's callback")
  }

  private func receive(_ data: UnsafeRawBufferPointer) -> Bool {
    bodyBytes += data.count
    if !isMail { unsafe keep(data) }
    return bodyBytes <= Self.answerLimit
  }

  /// For mails these are the server's lines: those that refuse something are kept.
  private func receive(header data: UnsafeRawBufferPointer) -> Bool {
    headerBytes += data.count
    if isMail, let first = unsafe data.first, first == UInt8(ascii: "4") || first == UInt8(ascii: "5") {
      unsafe keep(data)
    }
    return headerBytes <= Self.answerLimit
  }

  private func keep(_ data: UnsafeRawBufferPointer) {
    let room = (keepsBody ? Self.answerLimit : Self.excerptLimit) - excerpt.count
    guard room > 0 else { return }
    unsafe excerpt.append(contentsOf: data.prefix(room))
  }

  private func send(_ space: UnsafeMutableRawBufferPointer) -> Int {
    let part = upload[uploaded...].prefix(space.count)
    unsafe space.copyBytes(from: part)
    uploaded += part.count
    return part.count
  }

  // MARK: The end

  func result(_ code: CURLcode) -> CurlResult {
    let status = unsafe Int(andon_curl_status(handle))
    let body = keepsBody ? excerpt : []
    let text = String(
      decoding: excerpt.prefix(Self.excerptLimit).map { 0x20...0x7E ~= $0 ? $0 : UInt8(ascii: " ") },
      as: UTF8.self)
    let excerpt = text.split(separator: " ").joined(separator: " ")
    // An HTTP status that was read is an answer, however the rest ends.
    guard code != CURLE_OK, isMail || status < 200 else {
      var result = CurlResult(status: status, excerpt: excerpt)
      result.body = body
      return result
    }
    let own = unsafe String(cString: errors)
    let words = unsafe own.isEmpty ? String(cString: curl_easy_strerror(code)) : own
    return CurlResult(status: status, failure: Self.failure(code), message: words, excerpt: excerpt)
  }

  private static func failure(_ code: CURLcode) -> CurlResult.Failure {
    switch code {
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CACERT_BADFILE,
      CURLE_SSL_CERTPROBLEM, CURLE_USE_SSL_FAILED, CURLE_SSL_ISSUER_ERROR:
      .certificate
    case CURLE_OPERATION_TIMEDOUT: .timeout
    case CURLE_LOGIN_DENIED: .login
    default: .connection
    }
  }
}
