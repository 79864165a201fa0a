package import AndonConfiguration
import Curl
import Dispatch
import Foundation
import JWTKit

/// The public keys of an identity provider (JWKS, RFC 7517).
package struct OIDCKeys: Sendable {
  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  private static let byteLimit = 64 << 10
  /// 2048 bits in base64url: shorter RSA keys have not been good enough since 2013 (NIST SP 800-131A).
  private static let shortestModulus = 342

  private var keys: [String: JWK] = [:]
  var count: Int { keys.count }

  /// Reads a JWKS. Keys of other kinds than public ones for signatures are left out: with a secret one (`oct`) everybody
  /// could sign who can read it.
  ///
  /// - Throws: when it is none, or has no key that can be used.
  init(_ bytes: [UInt8]) throws {
    guard let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any],
      let list = object["keys"] as? [[String: Any]]
    else { throw Failure(description: "this is no JWKS: an object with a list keys") }
    for member in list {
      guard member["use"] as? String ?? "sig" == "sig", let name = member["kid"] as? String,
        let data = try? JSONSerialization.data(withJSONObject: member),
        let key = try? JWK(json: String(decoding: data, as: UTF8.self)), Self.isUsable(key)
      else { continue }
      keys[name] = key
    }
    guard !keys.isEmpty else { throw Failure(description: "the JWKS has no public key with a kid") }
  }

  private static func isUsable(_ key: JWK) -> Bool {
    switch key.keyType {
    case .rsa: (key.modulus?.utf8.count ?? 0) >= shortestModulus && key.exponent != nil
    case .ecdsa: key.x != nil && key.y != nil
    default: key.x != nil && key.curve != nil
    }
  }

  func has(_ name: String) -> Bool { keys[name] != nil }

  /// A collection of the one key of that name, for the one algorithm; nil where they do not fit.
  ///
  /// Made for each token: a collection that is kept binds a key without `alg` to the algorithm of the first token that
  /// names it, so that a forged token could make it refuse all good ones.
  func collection(_ name: String, _ algorithm: JWK.Algorithm) async -> JWTKeyCollection? {
    guard var key = keys[name], key.algorithm == nil || key.algorithm == algorithm else { return nil }
    key.algorithm = algorithm
    return try? await JWTKeyCollection().add(jwk: key)
  }

  // MARK: Where they come from

  /// For people.
  package static func place(_ settings: OIDCSettings) -> String {
    settings.keysFile ?? settings.keysURL.map(NotifyURL.shown) ?? "?"
  }

  /// Reads them from the file or the address: at most 64 KiB, within 10 s.
  static func load(_ settings: OIDCSettings) async throws -> [UInt8] {
    if let file = settings.keysFile { return try read(file) }
    return try await withCheckedThrowingContinuation { done in
      // A request blocks its thread.
      DispatchQueue.global().async { done.resume(with: Result { try fetch(settings.keysURL ?? "") }) }
    }
  }

  private static func read(_ file: String) throws -> [UInt8] {
    guard let handle = FileHandle(forReadingAtPath: file),
      let data = try handle.read(upToCount: byteLimit + 1)
    else { throw Failure(description: "\(file) cannot be read, or is empty") }
    guard data.count <= byteLimit else {
      throw Failure(description: "\(file) has more than \(byteLimit) bytes")
    }
    return Array(data)
  }

  private static func fetch(_ url: String) throws -> [UInt8] {
    var request = CurlRequest(url: url, work: .get)
    request.keepsBody = true
    request.headers = ["Accept: application/json"]
    let result = try CurlClient.perform(request)
    guard result.failure == nil else { throw Failure(description: result.message) }
    guard result.status == 200 else { throw Failure(description: "the provider answered \(result.status)") }
    return result.body
  }

  /// Why the keys in a file cannot be used; nil when they can.
  package static func problem(in file: String) -> String? {
    do {
      _ = try OIDCKeys(read(file))
      return nil
    } catch { return "\(error)" }
  }
}
