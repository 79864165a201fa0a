import AndonCore
import Foundation

/// A mail about an alert, in the format of RFC 5322. The text is base64, so nothing in it can be a header or an end.
struct MailMessage {
  var from: String
  var to: [String]
  var subject: String
  var text: String
  /// Unique for what the mail tells, the same for a repeat of it.
  var identity: String
  var dateMs: Int64

  private static let subjectLimit = 160
  private static let wordLimit = 45

  var bytes: [UInt8] {
    let domain = from.split(separator: "@").last.map(String.init) ?? "andon"
    let headers = [
      "Date: \(Self.date(dateMs))", "From: <\(from)>",
      "To: \(to.map { "<\($0)>" }.joined(separator: ",\r\n "))",
      "Message-ID: <\(identity)@\(domain)>", "Subject: \(Self.encoded(subject))", "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64",
      "Auto-Submitted: auto-generated",
    ]
    let body = Data(text.utf8).base64EncodedString(
      options: [.lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed])
    return Array((headers.joined(separator: "\r\n") + "\r\n\r\n" + body + "\r\n").utf8)
  }

  /// `Sun, 29 Nov 2026 14:38:32 +0000`.
  static func date(_ ms: Int64) -> String {
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let text = CivilTime.text(epochMs: ms)
    let parts = text.prefix(10).split(separator: "-").map(String.init)
    let day = days[Int((ms / 86_400_000 + 4) % 7)]
    let month = months[(Int(parts[1]) ?? 1) - 1]
    return "\(day), \(parts[2]) \(month) \(parts[0]) \(text.dropFirst(11).prefix(8)) +0000"
  }

  /// As encoded words (RFC 2047), each of whole characters.
  static func encoded(_ text: String) -> String {
    var words: [String] = []
    var word = ""
    for scalar in text.unicodeScalars.prefix(subjectLimit) {
      let character = scalar.value < 0x20 || scalar.value == 0x7F ? " " : String(scalar)
      if word.utf8.count + character.utf8.count > wordLimit {
        words.append(word)
        word = ""
      }
      word += character
    }
    words.append(word)
    return words.map { "=?UTF-8?B?\(Data($0.utf8).base64EncodedString())?=" }.joined(separator: "\r\n ")
  }
}
