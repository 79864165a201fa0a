/// The random name that stands for a worker who was erased.
///
/// The events stay, because the figures of stations, lines and the site are made of them; nothing leads from the name to
/// the person. It begins with a character that no id may have, so it is never a worker's own, and it has no figures,
/// topics or rows of its own.
package enum ErasedName {
  private static let mark: Character = "~"
  private static let letters = Array("abcdefghijklmnopqrstuvwxyz234567")
  /// 80 bits: two are never equal.
  private static let length = 16

  package static func isErased(_ name: String) -> Bool { name.first == mark }

  package static func random(using generator: inout some RandomNumberGenerator) -> String {
    String([mark] + (0..<length).map { _ in letters[Int(generator.next(upperBound: UInt32(32)))] })
  }
}
