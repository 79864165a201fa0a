package import AndonConfiguration
package import AndonRuntime
import Foundation
import JWTKit
package import Logging
import Synchronization

/// Checks bearer tokens of an identity provider: signature, algorithm, issuer, audience and time.
package final class OIDCVerifier: Sendable {
  /// How it stands with the provider's keys.
  package struct Health: Sendable, Equatable {
    /// Where they come from, without what may be secret.
    package var place: String
    package var keys = 0
    /// When they were last read, epoch milliseconds.
    package var readMs: Int64?
    /// Why they could not be read last; nil when they could.
    package var error: String?
  }

  private struct State {
    var keys: OIDCKeys?
    /// Monotonic: when the keys were last asked for, and when they were last read.
    var triedMs: Int64?
    var readMs: Int64?
    /// Others that miss a key wait for the same answer.
    var reload: Task<Void, Never>?
    var health: Health
  }

  /// An unknown key asks for the keys again, at most once in this time: a token that somebody made up must not become a
  /// request to the provider.
  package static let restMs: Int64 = 60_000
  /// Keys are read again when they are that old. Where that fails they stay good for `keepMs`: users must not be locked
  /// out because the provider is away, and a key that it withdrew must not be good for ever.
  package static let refreshMs: Int64 = 900_000
  package static let keepMs: Int64 = 86_400_000
  /// `none` and `HS…` are not among them: the keys are public, and anybody could sign with those.
  private static let algorithms: Set<String> = [
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
  ]
  private static let tokenLimit = 8192

  private let settings: OIDCSettings
  private let clock: WallClock
  private let monotonic: MonotonicClock
  private let load: @Sendable () async throws -> [UInt8]
  private let report: @Sendable (Health) -> Void
  private let log: Logger
  private let state: Mutex<State>

  /// - Parameters:
  ///   - load: Reads the provider's keys (JWKS); nil: from the file or address of the settings.
  ///   - report: Called after each attempt to read the keys.
  package init(
    _ settings: OIDCSettings, clock: WallClock, monotonic: MonotonicClock = .system,
    load: (@Sendable () async throws -> [UInt8])? = nil, log: Logger,
    report: @escaping @Sendable (Health) -> Void = { _ in }
  ) {
    self.settings = settings
    self.clock = clock
    self.monotonic = monotonic
    self.load = load ?? { try await OIDCKeys.load(settings) }
    self.report = report
    self.log = log
    let health = Health(place: OIDCKeys.place(settings))
    state = Mutex(State(health: health))
    report(health)
  }

  /// The caller, and until when the token is valid (epoch milliseconds); nil for a token that is not good.
  package func caller(_ token: String) async -> (caller: Caller, untilMs: Int64)? {
    guard token.utf8.count <= Self.tokenLimit, let (name, algorithm) = Self.header(of: token),
      let keys = await keys(with: name), let collection = await keys.collection(name, algorithm),
      let claims = try? await collection.verify(token, as: OIDCClaims.self)
    else { return nil }
    return claims.caller(settings, nowMs: clock.nowMs)
  }

  /// The key and the algorithm of a token whose header asks for nothing that is refused.
  private static func header(of token: String) -> (name: String, algorithm: JWK.Algorithm)? {
    let parts = token.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let bytes = Base64URL.bytes(parts[0]),
      let header = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any],
      let word = header["alg"] as? String, algorithms.contains(word),
      let algorithm = JWK.Algorithm(rawValue: word), header["crit"] == nil,
      let name = header["kid"] as? String, !name.isEmpty
    else { return nil }
    return (name, algorithm)
  }

  /// The keys, if one of that name is among them.
  private func keys(with name: String) async -> OIDCKeys? {
    let nowMs = monotonic.nowMs
    let reload = state.withLock { state -> Task<Void, Never>? in
      let passedMs = state.triedMs.map { nowMs - $0 } ?? .max
      let isMissing = Self.current(state, nowMs)?.has(name) != true
      if passedMs >= (isMissing ? Self.restMs : Self.refreshMs) {
        state.triedMs = nowMs
        state.reload = Task { await self.read() }
      }
      return isMissing ? state.reload : nil
    }
    await reload?.value
    let keys = state.withLock { Self.current($0, nowMs) }
    return keys?.has(name) == true ? keys : nil
  }

  private static func current(_ state: State, _ nowMs: Int64) -> OIDCKeys? {
    guard let readMs = state.readMs, nowMs - readMs < keepMs else { return nil }
    return state.keys
  }

  private func read() async {
    let keys: OIDCKeys
    do { keys = try OIDCKeys(try await load()) } catch { return record("\(error)") }
    let (nowMs, wallMs) = (monotonic.nowMs, clock.nowMs)
    let (before, health) = state.withLock { state in
      let before = state.health.error
      (state.keys, state.readMs) = (keys, nowMs)
      (state.health.keys, state.health.readMs, state.health.error) = (keys.count, wallMs, nil)
      return (before, state.health)
    }
    report(health)
    if before != nil { log.notice("the identity provider's keys can be read again") }
  }

  private func record(_ failure: String) {
    let (before, health) = state.withLock { state in
      defer { state.health.error = failure }
      return (state.health.error, state.health)
    }
    var now = health
    now.error = failure
    report(now)
    guard before != failure else { return }
    log.error(
      "the identity provider's keys cannot be read; those of before stay good for a day after they were read, and tokens of other keys are refused",
      metadata: ["from": "\(health.place)", "error": "\(failure)"])
  }
}
