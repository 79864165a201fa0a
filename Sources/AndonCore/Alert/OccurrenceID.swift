/// The name of an occurrence: 16 hexadecimal digits, a function of the alert and of when it began (FNV-1a, 64
/// bits), so that it is the same whatever the order of arrival and across restarts.
public enum OccurrenceID {
  public static func text(site: String, key: AlertKey, sinceMs: Int64) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in "\(site)/\(key.rule.alertClass)/\(key.sourceID)/\(key.modelVersion)/\(sinceMs)".utf8 {
      hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
    }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
