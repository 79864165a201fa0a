import AndonConfiguration
import JWTKit

/// The claims of a token whose signature is right.
struct OIDCClaims: JWTPayload {
  var values: [String: ClaimValue]

  /// How far the clocks of provider and bridge may differ.
  private static let leewaySeconds = 30.0

  init(_ values: [String: ClaimValue]) { self.values = values }

  init(from decoder: any Decoder) throws { values = try [String: ClaimValue](from: decoder) }

  func encode(to encoder: any Encoder) throws { try values.encode(to: encoder) }

  /// The signature only: `caller` judges the claims.
  func verify(using algorithm: some JWTAlgorithm) throws {}

  /// The caller, and until when the token is valid (epoch milliseconds); nil for a token of another issuer, for another
  /// audience, outside of its time, or without exactly one role.
  func caller(_ settings: OIDCSettings, nowMs: Int64) -> (caller: Caller, untilMs: Int64)? {
    let now = Double(nowMs) / 1000
    guard values["iss"] == .text(settings.issuer), values["aud"]?.texts?.contains(settings.audience) == true,
      case .number(let expires)? = values["exp"], now < expires + Self.leewaySeconds, expires < 1e11
    else { return nil }
    if let notBefore = values["nbf"] {
      guard case .number(let begin) = notBefore, now >= begin - Self.leewaySeconds else { return nil }
    }
    // Two roles are not one that has both: what would be meant is for a person to say.
    let roles = values[settings.roleClaim]?.texts?.compactMap(Role.init) ?? []
    guard roles.count == 1, case .text(let name)? = values[settings.userClaim], !name.isEmpty else {
      return nil
    }
    var sites: [String]?
    if let claim = settings.sitesClaim {
      sites = values[claim]?.texts ?? []
      if sites == ["all"] { sites = nil }
    }
    let shown = String(
      name.unicodeScalars.filter { $0.value >= 32 && $0.value != 127 }.prefix(64).map(Character.init))
    let caller = Caller.external(user: shown, role: roles[0], sites: sites, proof: .identityProvider)
    return (caller, Int64((expires + Self.leewaySeconds) * 1000))
  }
}
