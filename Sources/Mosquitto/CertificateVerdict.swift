import CMosquitto
import Glibc

/// OpenSSL's reason for refusing the broker's certificate, e.g. `certificate has expired`, with its dates;
/// nil when it was not refused, or without TLS.
///
/// The library's log says only "certificate verify failed". The functions that know more are looked up in the
/// process, where libmosquitto has loaded libssl: that avoids a dependency for one error text. Their
/// signatures have not changed since OpenSSL 1.1.
func certificateVerdict(_ handle: OpaquePointer?) -> String? {
  typealias Verdict = @convention(c) (UnsafeMutableRawPointer) -> Int
  typealias Words = @convention(c) (Int) -> UnsafePointer<CChar>?
  guard let handle = unsafe handle, let ssl = unsafe mosquitto_ssl_get(handle),
    let verdictSymbol = unsafe dlsym(nil, "SSL_get_verify_result"),
    let wordsSymbol = unsafe dlsym(nil, "X509_verify_cert_error_string")
  else { return nil }
  let verdict = unsafe unsafeBitCast(verdictSymbol, to: Verdict.self)(ssl)
  // 0 is X509_V_OK.
  guard verdict != 0, let words = unsafe unsafeBitCast(wordsSymbol, to: Words.self)(verdict) else {
    return nil
  }
  let dates = unsafe certificateValidity(handle).map {
    " (valid from \(dateText($0.fromSeconds)) to \(dateText($0.toSeconds)))"
  }
  return unsafe "the broker's certificate: " + String(cString: words) + (dates ?? "")
}

/// The validity of the broker's certificate, epoch seconds; nil without TLS.
func certificateValidity(_ handle: OpaquePointer) -> CertificateValidity? {
  typealias Chain = @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer?
  typealias Element = @convention(c) (UnsafeMutableRawPointer, Int32) -> UnsafeMutableRawPointer?
  typealias Date = @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer?
  // The chain is available even after a refusal; its first element is the broker's certificate.
  guard let ssl = unsafe mosquitto_ssl_get(handle),
    let chainSymbol = unsafe dlsym(nil, "SSL_get0_verified_chain"),
    let elementSymbol = unsafe dlsym(nil, "OPENSSL_sk_value"),
    let fromSymbol = unsafe dlsym(nil, "X509_get0_notBefore"),
    let toSymbol = unsafe dlsym(nil, "X509_get0_notAfter"),
    let chain = unsafe unsafeBitCast(chainSymbol, to: Chain.self)(ssl),
    let certificate = unsafe unsafeBitCast(elementSymbol, to: Element.self)(chain, 0),
    let from = unsafe unsafeBitCast(fromSymbol, to: Date.self)(certificate),
    let to = unsafe unsafeBitCast(toSymbol, to: Date.self)(certificate),
    let fromSeconds = unsafe epochSeconds(from), let toSeconds = unsafe epochSeconds(to)
  else { return nil }
  return CertificateValidity(fromSeconds: fromSeconds, toSeconds: toSeconds)
}

private func epochSeconds(_ time: UnsafeMutableRawPointer) -> Int64? {
  typealias Convert = @convention(c) (UnsafeMutableRawPointer, UnsafeMutablePointer<tm>) -> Int32
  guard let symbol = unsafe dlsym(nil, "ASN1_TIME_to_tm") else { return nil }
  var broken = unsafe tm()
  guard unsafe unsafeBitCast(symbol, to: Convert.self)(time, &broken) == 1 else { return nil }
  return unsafe Int64(timegm(&broken))
}

/// `2026-01-15 10:15Z`
private func dateText(_ seconds: Int64) -> String {
  var time = time_t(seconds)
  var broken = unsafe tm()
  unsafe gmtime_r(&time, &broken)
  var text = [CChar](repeating: 0, count: 32)
  let count = unsafe strftime(&text, text.count, "%Y-%m-%d %H:%MZ", &broken)
  return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
