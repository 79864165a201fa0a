import TestSupport
import Testing

@testable import AndonAccess

@Suite(.ownThread) struct PasswordHashTests {
  @Test func aHashMatchesItsPasswordOnly() throws {
    let hash = try PasswordHash(password: "correct horse", cost: .least)
    let read = try #require(PasswordHash(hash.text))
    #expect(read == hash && read.matches("correct horse"))
    for wrong in ["correct hors", "correct horse ", "Correct horse", ""] {
      #expect(!read.matches(wrong), "\(wrong)")
    }
    #expect(try PasswordHash(password: "correct horse", cost: .least) != hash, "the salt is random")
  }

  /// Computed with Python: hashlib.scrypt(b"password", salt=b"NaClNaCl", n=1024, r=8, p=1, dklen=32).
  @Test func otherProgramsComputeTheSameHash() {
    let salt = Base64URL.text(Array("NaClNaCl".utf8))
    let key = "8wGlwXmNXS2n1KDaxmhQaPHcojxLhIixEr3YNcqC-84"
    #expect(PasswordHash("$scrypt$ln=10,r=8,p=1$\(salt)$\(key)")?.matches("password") == true)
  }

  @Test func theSameTextInAnotherNormalFormIsTheSamePassword() throws {
    let hash = try PasswordHash(password: "Schl\u{FC}ssel-Bund", cost: .least)
    #expect(hash.matches("Schlu\u{308}ssel-Bund"))
  }

  @Test(arguments: [
    "", "secret", "$scrypt$ln=10,r=8,p=1$AAAAAAAAAAA$", "$scrypt$ln=30,r=8,p=1$AAAAAAAAAAA$%",
    "$scrypt$ln=9,r=8,p=1$AAAAAAAAAAA$%",
    "$scrypt$ln=17,r=32,p=1$AAAAAAAAAAA$%", "$scrypt$r=8,ln=10,p=1$AAAAAAAAAAA$%",
    "$scrypt$ln=10,r=8$AAAAAAAAAAA$%",
    "$argon2$ln=10,r=8,p=1$AAAAAAAAAAA$%", "$scrypt$ln=10,r=8,p=1$AAA=$%",
    "$scrypt$ln=10,r=8,p=0$AAAAAAAAAAA$%",
  ])
  func otherTextsAreNoHashes(_ text: String) {
    let key = String(repeating: "A", count: 43)
    #expect(PasswordHash(text.replacing("%", with: key)) == nil, "\(text)")
    #expect(PasswordHash("$scrypt$ln=10,r=8,p=1$AAAAAAAAAAA$\(key)") != nil)
  }

  @Test func theStandardCostIsWithinItsBounds() throws {
    #expect(PasswordHash.Cost.standard.isBounded && PasswordHash.Cost.standard.memoryBytes == 32 << 20)
    #expect(try PasswordHash(password: "correct horse").matches("correct horse"))
  }

  @Test func theDecoyIsAsDearAsTheDearestHash() throws {
    let hash = try PasswordHash(password: "correct horse", cost: .least)
    #expect(PasswordHash.decoy(like: [hash]).cost == .least)
    #expect(PasswordHash.decoy(like: []).cost == .standard)
  }
}
