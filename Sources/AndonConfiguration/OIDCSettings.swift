/// Bearer tokens of an identity provider (OpenID Connect): JSON Web Tokens that it signed.
package struct OIDCSettings: Sendable, Equatable {
  /// Must equal the claim `iss`.
  package var issuer: String
  /// Must be in the claim `aud`.
  package var audience: String
  /// The provider's public keys (JWKS): a file or an address; exactly one of them.
  package var keysFile: String?
  package var keysURL: String?
  /// The claim with the role.
  package var roleClaim: String
  /// The claim with the sites; nil: every user of the provider may see all sites.
  package var sitesClaim: String?
  /// The claim with the user's name.
  package var userClaim: String
}
