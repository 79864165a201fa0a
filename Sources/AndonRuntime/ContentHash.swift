import Crypto
import Foundation

/// SHA-256 of what a page contains.
package enum ContentHash {
  /// As a content security policy allows exactly this text (CSP 3, 2.3.1), with its quotes.
  package static func source(of text: String) -> String {
    "'sha256-\(Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString())'"
  }
}
