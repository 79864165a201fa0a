import Foundation
import GRDB

/// How the sender's id of an event is stored: a canonical UUID in lower case as its 16 bytes, anything else as text.
enum EventIdentifier {
  static let uuidBytes = 16
  private static let digits = Array("0123456789abcdef".utf8)

  /// Writes the 16 bytes of a text that is exactly what `text` gives back; returns whether it is one. O(1).
  static func writeUUID(_ text: UnsafeBufferPointer<UInt8>, to bytes: UnsafeMutablePointer<UInt8>) -> Bool {
    guard text.count == 36 else { return false }
    var place = 0
    var digit: UInt8 = 0
    var isHigh = true
    for index in 0..<36 {
      let byte = text[index]
      if index == 8 || index == 13 || index == 18 || index == 23 {
        guard byte == 0x2D else { return false }
        continue
      }
      let value: UInt8
      switch byte {
      case 0x30...0x39: value = byte - 0x30
      case 0x61...0x66: value = byte - 0x61 + 10
      default: return false
      }
      if isHigh {
        digit = value << 4
      } else {
        bytes[place] = digit | value
        place += 1
      }
      isHigh.toggle()
    }
    return true
  }

  /// The text of a stored UUID.
  static func text(uuid bytes: UnsafePointer<UInt8>) -> String {
    String(unsafeUninitializedCapacity: 36) { text in
      var place = 0
      for index in 0..<uuidBytes {
        if index == 4 || index == 6 || index == 8 || index == 10 {
          text[place] = 0x2D
          place += 1
        }
        text[place] = digits[Int(bytes[index] >> 4)]
        text[place + 1] = digits[Int(bytes[index] & 15)]
        place += 2
      }
      return place
    }
  }

  /// The bytes of an id as it is stored.
  static func bytes(_ text: String) -> [UInt8] { uuid(text) ?? Array(text.utf8) }

  /// An id as it is stored.
  static func column(_ text: String) -> DatabaseValue {
    uuid(text).map { Data($0).databaseValue } ?? text.databaseValue
  }

  /// The 16 bytes of a text that is a canonical UUID; nil for another one.
  private static func uuid(_ text: String) -> [UInt8]? {
    var text = text
    return text.withUTF8 { bytes in
      var uuid = [UInt8](repeating: 0, count: uuidBytes)
      let isUUID = uuid.withUnsafeMutableBufferPointer { place in
        place.baseAddress.map { writeUUID(bytes, to: $0) } ?? false
      }
      return isUUID ? uuid : nil
    }
  }

  /// The column of the view for people: a stored UUID as text.
  static let sqlText = """
    CASE typeof(event_id) WHEN 'blob' THEN lower(substr(hex(event_id), 1, 8) || '-' || substr(hex(event_id), 9, 4)
      || '-' || substr(hex(event_id), 13, 4) || '-' || substr(hex(event_id), 17, 4) || '-'
      || substr(hex(event_id), 21)) ELSE event_id END
    """
}
