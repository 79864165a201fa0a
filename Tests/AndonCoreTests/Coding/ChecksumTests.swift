import AndonCore
import Testing

/// Files keep checksums for years: the numbers below may never change.
@Suite struct ChecksumTests {
  @Test(
    arguments: [
      ("", 0x1add_3bf3_b927_4ffc), ("W1", 0x100b_9ae8_58c4_700c), ("Ω-line", 0x28e7_a0b4_82c9_4ae8),
      ("a workstation's name of more than fifteen bytes, Größe 7", 0xe7ac_8e9d_7ec5_19b9),
    ] as [(String, UInt64)])
  func aTextCountsAsItsBytes(text: String, value: UInt64) {
    var ofText = Checksum(domain: 7)
    ofText.add(text)
    var ofBytes = Checksum(domain: 7)
    ofBytes.add(Array(text.utf8).span)
    #expect(ofText.value == value && ofBytes.value == value)
    // A part of a longer text has its bytes in that text's storage.
    var ofPart = Checksum(domain: 7)
    ofPart.add(String("before \(text) behind".dropFirst(7).dropLast(7)))
    #expect(ofPart.value == value)
  }
}
