/// The id of an occurrence: 16 hexadecimal digits, the FNV-1a hash (64 bits) of the alarm and of when it
/// began. It does not depend on the order of arrival and survives restarts.
public enum OccurrenceID {
  public static func text(site: String, key: AlarmKey, sinceMs: Int64) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in "\(site)/\(key.rule.alertClass)/\(key.sourceID)/\(key.modelVersion)/\(sinceMs)".utf8 {
      hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
    }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
