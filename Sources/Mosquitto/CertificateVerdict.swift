import CMosquitto
import Glibc

/// OpenSSL's reason for refusing the broker's certificate, e.g. `certificate has expired`; nil when it did not
/// refuse, or there is no TLS.
///
/// The library's log says only "certificate verify failed". The two functions that know more are looked up in
/// the process, which has libssl loaded for libmosquitto anyway: no dependency for one error text. Their
/// signatures have been the same since OpenSSL 1.0.
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
  return unsafe "the broker's certificate: " + String(cString: words)
}
