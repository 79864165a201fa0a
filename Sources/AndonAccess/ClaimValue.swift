/// The value of a claim in a JSON Web Token, as far as claims are read here.
enum ClaimValue: Codable, Sendable, Equatable {
  case text(String)
  case list([String])
  case number(Double)
  /// Something else, which no claim that is read may be.
  case other

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if let text = try? value.decode(String.self) {
      self = .text(text)
    } else if let list = try? value.decode([String].self) {
      self = .list(list)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else {
      self = .other
    }
  }

  func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    switch self {
    case .text(let text): try value.encode(text)
    case .list(let list): try value.encode(list)
    case .number(let number): try value.encode(number)
    case .other: try value.encodeNil()
    }
  }

  /// A text or a list of texts as a list; nil for anything else.
  var texts: [String]? {
    switch self {
    case .text(let text): [text]
    case .list(let list): list
    case .number, .other: nil
    }
  }
}
